/// Makes the bytes of an NPZ archive, as `numpy.savez_compressed` would fill it.
///
/// Equal arrays give equal bytes: members in the order given, times fixed at 1980-01-01. Arrays
/// below 4 GiB in an archive below 4 GiB, so that no zip64 records are needed.
public enum NPZWriter {
  /// The archive of `texts`, each under its whole name, which ends with `.json`, and of `arrays` of
  /// any type of number, each under its name without `.npy`.
  ///
  /// - Throws: `NPZError` where a name occurs twice or is no plain file name, or a size is 4 GiB or
  ///   more.
  public static func archive(
    _ arrays: [(name: String, array: any StoredArray)],
    texts: [(name: String, text: [UInt8])] = []
  ) throws(NPZError) -> [UInt8] {
    let members =
      texts.map { Member(name: $0.name, content: .text($0.text)) }
      + arrays.map { Member(name: $0.name + ".npy", content: .array($0.array)) }
    let packed = try archive(members, isDeflated: true)
    // Our own reader refuses what unpacks to far more than the archive, float32 widened: store
    // such arrays plainly.
    var unpacked = 0
    for member in members { unpacked += member.unpackedBound }
    return unpacked <= ZipDirectory.unpackedLimit(archiveBytes: packed.count)
      ? packed : try archive(members, isDeflated: false)
  }

  private struct Member {
    enum Content {
      case array(any StoredArray)
      case text([UInt8])
    }

    var name: String
    var content: Content

    var unpackedBound: Int {
      switch content {
      case .array(let array): array.withBytes { $0.count } + 1024
      case .text(let text): text.count
      }
    }

    /// Calls `body` with the pieces of the file.
    func withPieces<Result>(_ body: ([UnsafeRawBufferPointer]) -> Result) -> Result? {
      switch content {
      case .text(let text): return text.withUnsafeBytes { body([$0]) }
      case .array(let array):
        guard let element = NPYHeader.Element(array.storedType) else { return nil }
        let header = NPYHeader(element: element, shape: array.shape).bytes
        guard header.count < 1 << 16 else { return nil }
        return header.withUnsafeBytes { header in array.withBytes { body([header, $0]) } }
      }
    }
  }

  private static func archive(
    _ members: [Member], isDeflated: Bool
  ) throws(NPZError) -> [UInt8] {
    var names: Set<ExactName> = []
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (index, member) in members.enumerated() {
      let name = member.name
      guard ZipDirectory.isPlainName(name) else { throw refusal(.badName(index: index)) }
      guard names.insert(ExactName(name)).inserted else { throw refusal(.duplicateName(name)) }
      let record = try pack(member, isDeflated: isDeflated)
      guard let offset = UInt32(exactly: bytes.count) else { throw refusal(.tooManyBytes) }
      let fields = record.fields(nameCount: name.utf8.count, isDeflated: isDeflated)
      bytes += littleEndian(UInt32(0x0403_4B50)) + fields + name.utf8
      bytes += record.packed
      directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(20)) + fields
      // No comment, first disk, no attributes.
      directory += [UInt8](repeating: 0, count: 10) + littleEndian(offset) + name.utf8
    }
    guard let offset = UInt32(exactly: bytes.count), let size = UInt32(exactly: directory.count),
      let count = UInt16(exactly: members.count), count < .max, offset < .max, size < .max
    else { throw refusal(.tooManyBytes) }
    bytes += directory + littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0]
    bytes += littleEndian(count) + littleEndian(count) + littleEndian(size) + littleEndian(offset)
    return bytes + [0, 0]
  }

  private struct Record {
    var packed: [UInt8]
    var unpackedCount: UInt32
    var packedCount: UInt32
    var checksum: UInt32

    /// What the local header and the directory share: version 2.0, no flags, method, time, date,
    /// checksum, sizes, length of the name, no extra field.
    func fields(nameCount: Int, isDeflated: Bool) -> [UInt8] {
      littleEndian(UInt16(20)) + littleEndian(UInt16(0))
        + littleEndian(UInt16(isDeflated ? 8 : 0))
        + littleEndian(UInt16(0)) + littleEndian(UInt16(1 << 5 | 1))
        + littleEndian(checksum) + littleEndian(packedCount) + littleEndian(unpackedCount)
        + littleEndian(UInt16(clamping: nameCount)) + littleEndian(UInt16(0))
    }
  }

  private static func pack(_ member: Member, isDeflated: Bool) throws(NPZError) -> Record {
    let record: Record?? = member.withPieces { pieces in
      guard let count = UInt32(exactly: pieces.reduce(0) { $0 + $1.count }), count < .max else {
        return nil
      }
      let packed =
        isDeflated
        ? Deflate.compress(pieces) : pieces.reduce(into: [UInt8]()) { $0.append(contentsOf: $1) }
      guard let packed, let packedCount = UInt32(exactly: packed.count), packedCount < .max else {
        return nil
      }
      return Record(
        packed: packed, unpackedCount: count, packedCount: packedCount,
        checksum: pieces.reduce(0) { Deflate.checksum($1, after: $0) })
    }
    guard case .some(.some(let record)) = record else { throw refusal(.tooManyBytes) }
    return record
  }

  private static func refusal(_ problem: NPZProblem) -> NPZError {
    NPZError(path: "", problem: problem)
  }
}

private func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}
