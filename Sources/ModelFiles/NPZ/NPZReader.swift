/// Reads the arrays of an NPZ archive, which is trusted no more than a model file.
///
///     let archive = try NPZReader("arrays.npz")
///     let alr = try archive.array("alr")  // (chunks, layers, heads)
public struct NPZReader: Sendable {
  private let file: MappedFile
  private let members: [String: ZipDirectory.Member]
  /// Names of the arrays, without `.npy`, in the order of the archive.
  public let names: [String]

  /// Opens the archive at `path` and checks its directory; no array is unpacked yet.
  public init(_ path: String) throws(NPZError) {
    do {
      file = try MappedFile(path)
    } catch {
      throw NPZError(path: path, problem: .file(error))
    }
    do {
      let directory = try file.withBytes { (bytes) throws(NPZProblem) in
        try ZipDirectory(bytes)
      }
      names = directory.members.map { String($0.name.dropLast(".npy".count)) }
      members = Dictionary(zip(names, directory.members)) { first, _ in first }
    } catch {
      throw NPZError(path: path, problem: error)
    }
  }

  /// Unpacks the array of that name; float32 elements are widened.
  public func array(_ name: String) throws(NPZError) -> NPYArray {
    guard let member = members[name] else {
      throw NPZError(path: file.path, problem: .noSuchArray(name))
    }
    do {
      return try file.withBytes { (bytes) throws(NPZProblem) in
        try Self.unpack(member, of: bytes, name)
      }
    } catch {
      throw NPZError(path: file.path, problem: error)
    }
  }

  private static func unpack(
    _ member: ZipDirectory.Member, of archive: UnsafeRawBufferPointer, _ name: String
  ) throws(NPZProblem) -> NPYArray {
    let packed = UnsafeRawBufferPointer(rebasing: archive[member.range])
    guard let reader = MemberReader(packed, isDeflated: member.isDeflated) else {
      throw .corrupt(member.name)
    }
    let (header, headerCount) = try readHeader(reader, member, name)
    let count = TensorInfo.elementCount(header.shape) ?? 0
    // Held against the declared size, which the directory has limited, before any memory is taken.
    let (needed, overflow) = count.multipliedReportingOverflow(by: header.element.size)
    guard !overflow, needed == member.unpackedCount - headerCount else {
      throw .array(name, .wrongSize(needed: needed, found: member.unpackedCount - headerCount))
    }
    // Widening doubles float32 elements.
    let limit = ZipDirectory.unpackedLimit(archiveBytes: archive.count)
    guard 8 * count <= limit else { throw .tooLarge(declared: 8 * count, limit: limit) }
    let values: [Double]? =
      switch header.element {
      case .float64: readFloat64(reader, count)
      case .float32: readFloat32(reader, count)
      }
    guard let values, reader.isAtEnd() else { throw .corrupt(member.name) }
    guard reader.checksum == member.checksum else { throw .wrongChecksum(member.name) }
    return NPYArray(shape: header.shape, values: values)
  }

  private static func readHeader(
    _ reader: MemberReader, _ member: ZipDirectory.Member, _ name: String
  ) throws(NPZProblem) -> (header: NPYHeader, byteCount: Int) {
    func read(_ count: Int) throws(NPZProblem) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      guard bytes.withUnsafeMutableBytes({ reader.read(into: $0) }) else {
        throw .corrupt(member.name)
      }
      return bytes
    }
    guard member.unpackedCount >= 10 else { throw .array(name, .badMagic) }
    let start = try read(8)
    guard start.starts(with: NPYHeader.magic) else { throw .array(name, .badMagic) }
    guard (1...3).contains(start[6]) else { throw .array(name, .unsupportedVersion(start[6])) }
    let length = try read(start[6] == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16 else { throw .array(name, .malformedHeader) }
    let text = try read(length)
    do {
      return (try NPYHeader(text: text), 8 + (start[6] == 1 ? 2 : 4) + length)
    } catch {
      throw .array(name, error)
    }
  }

  private static func readFloat64(_ reader: MemberReader, _ count: Int) -> [Double]? {
    var isRead = false
    let values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      isRead = reader.read(
        into: UnsafeMutableRawBufferPointer(
          rebasing:
            UnsafeMutableRawBufferPointer(buffer)[..<(8 * count)]))
      initialized = isRead ? count : 0
    }
    return isRead ? values : nil
  }

  /// In pieces, so that the narrow values never stand beside all the wide ones.
  private static func readFloat32(_ reader: MemberReader, _ count: Int) -> [Double]? {
    var values: [Double] = []
    values.reserveCapacity(count)
    var piece = [Float](repeating: 0, count: 4096)
    while values.count < count {
      let wanted = min(piece.count, count - values.count)
      let isRead = piece.withUnsafeMutableBytes {
        reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<(4 * wanted)]))
      }
      guard isRead else { return nil }
      values.append(contentsOf: piece[..<wanted].lazy.map(Double.init))
    }
    return values
  }
}
