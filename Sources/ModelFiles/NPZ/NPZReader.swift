/// Reads the arrays of an NPZ archive, which is trusted no more than a model file.
///
///     let archive = try NPZReader("arrays.npz")
///     let alr = try archive.array("alr")  // (chunks, layers, heads)
public struct NPZReader: Sendable {
  private let file: MappedFile
  private let members: [String: ZipDirectory.Member]
  private let texts: [String: ZipDirectory.Member]
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
      let arrays = directory.members.filter { $0.name.hasSuffix(".npy") }
      names = arrays.map { String($0.name.dropLast(".npy".count)) }
      members = Dictionary(zip(names, arrays)) { first, _ in first }
      let others = directory.members.filter { !$0.name.hasSuffix(".npy") }
      texts = Dictionary(others.map { ($0.name, $0) }) { first, _ in first }
    } catch {
      throw NPZError(path: path, problem: error)
    }
  }

  /// Unpacks the array of that name; float32 elements are widened.
  public func array(_ name: String) throws(NPZError) -> NumberArray<Double> {
    guard let member = members[name] else {
      throw NPZError(path: file.path, problem: .noSuchArray(name))
    }
    return try unpack(member) { (bytes) throws(NPZProblem) in
      let array = try OpenArray(member, of: bytes, name)
      // Widening doubles float32 elements.
      let limit = ZipDirectory.unpackedLimit(archiveBytes: bytes.count)
      let wide = 8 * array.count
      guard wide <= limit else { throw .tooLarge(declared: wide, limit: limit) }
      let values: [Double]? =
        switch array.header.element {
        case .float64: Self.read(array.reader, array.count)
        case .float32: Self.readFloat32(array.reader, array.count)
        case .int32, .int64:
          throw .array(name, .unsupportedType(array.header.element.rawValue))
        }
      guard let values else { throw .corrupt(member.name) }
      try Self.close(array.reader, member)
      return NumberArray(shape: array.header.shape, values: values)
    }
  }

  /// Unpacks the array of that name, whose elements must be of that very type.
  public func array<Element: StoredNumber>(
    _ name: String, of type: Element.Type
  ) throws(NPZError) -> NumberArray<Element> {
    guard let member = members[name] else {
      throw NPZError(path: file.path, problem: .noSuchArray(name))
    }
    return try unpack(member) { (bytes) throws(NPZProblem) in
      let array = try OpenArray(member, of: bytes, name)
      guard array.header.element == NPYHeader.Element(Element.storedType) else {
        throw .otherType(name, found: array.header.element.rawValue, expected: Element.storedType)
      }
      guard let values: [Element] = Self.read(array.reader, array.count) else {
        throw .corrupt(member.name)
      }
      try Self.close(array.reader, member)
      return NumberArray(shape: array.header.shape, values: values)
    }
  }

  /// Unpacks the text of that name, such as `capture.json`.
  public func text(_ name: String) throws(NPZError) -> [UInt8] {
    guard let member = texts[name] else {
      throw NPZError(path: file.path, problem: .noSuchText(name))
    }
    return try unpack(member) { (bytes) throws(NPZProblem) in
      let packed = UnsafeRawBufferPointer(rebasing: bytes[member.range])
      guard let reader = MemberReader(packed, isDeflated: member.isDeflated),
        let text: [UInt8] = Self.read(reader, member.unpackedCount)
      else { throw .corrupt(member.name) }
      try Self.close(reader, member)
      return text
    }
  }

  private func unpack<Result>(
    _ member: ZipDirectory.Member,
    _ body: (UnsafeRawBufferPointer) throws(NPZProblem) -> Result
  ) throws(NPZError) -> Result {
    do {
      return try file.withBytes { (bytes) throws(NPZProblem) in try body(bytes) }
    } catch {
      throw NPZError(path: file.path, problem: error)
    }
  }

  /// Nothing may be left, and what was read must be what was written.
  private static func close(
    _ reader: MemberReader, _ member: ZipDirectory.Member
  ) throws(NPZProblem) {
    guard reader.isAtEnd() else { throw .corrupt(member.name) }
    guard reader.checksum == member.checksum else { throw .wrongChecksum(member.name) }
  }

  /// An array whose header is read and whose elements come next.
  private struct OpenArray {
    let reader: MemberReader
    let header: NPYHeader
    let count: Int

    init(
      _ member: ZipDirectory.Member, of archive: UnsafeRawBufferPointer, _ name: String
    ) throws(NPZProblem) {
      let packed = UnsafeRawBufferPointer(rebasing: archive[member.range])
      guard let reader = MemberReader(packed, isDeflated: member.isDeflated) else {
        throw .corrupt(member.name)
      }
      let (header, headerCount) = try NPZReader.readHeader(reader, member, name)
      let count = TensorInfo.elementCount(header.shape) ?? 0
      // Held against the declared size, which the directory has limited, before any memory is
      // taken.
      let (needed, overflow) = count.multipliedReportingOverflow(by: header.element.size)
      guard !overflow, needed == member.unpackedCount - headerCount else {
        throw .array(name, .wrongSize(needed: needed, found: member.unpackedCount - headerCount))
      }
      self.reader = reader
      self.header = header
      self.count = count
    }
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

  private static func read<Element: BitwiseCopyable>(
    _ reader: MemberReader, _ count: Int
  ) -> [Element]? {
    var isRead = false
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)[..<(MemoryLayout<Element>.stride * count)]
      isRead = reader.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes))
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
