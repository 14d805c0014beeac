/// Makes the bytes of an NPZ archive, as `numpy.savez_compressed` would fill it.
///
/// Equal arrays give equal bytes: members in the order given, times fixed at 1980-01-01. Arrays
/// below 4 GiB in an archive below 4 GiB, so that no zip64 records are needed.
public enum NPZWriter {
  /// The archive of `arrays`, each under its name, without `.npy`.
  ///
  /// - Throws: `NPZError` where a name occurs twice or is no plain file name, or a size is 4 GiB or
  ///   more.
  public static func archive(
    _ arrays: [(name: String, array: NPYArray)]
  ) throws(NPZError) -> [UInt8] {
    let packed = try archive(arrays, isDeflated: true)
    let unpacked = arrays.reduce(0) { $0 + 8 * $1.array.values.count + 1024 }
    // Our own reader refuses what unpacks to far more than the archive: store such arrays plainly.
    return unpacked <= ZipDirectory.unpackedLimit(archiveBytes: packed.count)
      ? packed : try archive(arrays, isDeflated: false)
  }

  private static func archive(
    _ arrays: [(name: String, array: NPYArray)], isDeflated: Bool
  ) throws(NPZError) -> [UInt8] {
    var names: Set<ExactName> = []
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (index, (name, array)) in arrays.enumerated() {
      let member = name + ".npy"
      guard ZipDirectory.isPlainName(member) else { throw refusal(.badName(index: index)) }
      guard names.insert(ExactName(member)).inserted else { throw refusal(.duplicateName(member)) }
      let record = try pack(array, isDeflated: isDeflated)
      guard let offset = UInt32(exactly: bytes.count) else { throw refusal(.tooManyBytes) }
      let fields = record.fields(nameCount: member.utf8.count, isDeflated: isDeflated)
      bytes += littleEndian(UInt32(0x0403_4B50)) + fields + member.utf8
      bytes += record.packed
      directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(20)) + fields
      // No comment, first disk, no attributes.
      directory += [UInt8](repeating: 0, count: 10) + littleEndian(offset) + member.utf8
    }
    guard let offset = UInt32(exactly: bytes.count), let size = UInt32(exactly: directory.count),
      let count = UInt16(exactly: arrays.count), count < .max, offset < .max, size < .max
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

  private static func pack(_ array: NPYArray, isDeflated: Bool) throws(NPZError) -> Record {
    let header = NPYHeader(shape: array.shape).bytes
    guard header.count < 1 << 16,
      let unpackedCount = UInt32(exactly: header.count + 8 * array.values.count),
      unpackedCount < .max
    else { throw refusal(.tooManyBytes) }
    let record: Record? = header.withUnsafeBytes { header in
      array.values.withUnsafeBytes { values in
        let packed =
          isDeflated ? Deflate.compress([header, values]) : [UInt8](header) + [UInt8](values)
        guard let packed, let packedCount = UInt32(exactly: packed.count), packedCount < .max else {
          return nil
        }
        return Record(
          packed: packed, unpackedCount: unpackedCount, packedCount: packedCount,
          checksum: Deflate.checksum(values, after: Deflate.checksum(header)))
      }
    }
    guard let record else { throw refusal(.tooManyBytes) }
    return record
  }

  private static func refusal(_ problem: NPZProblem) -> NPZError {
    NPZError(path: "", problem: problem)
  }
}

private func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}
