/// The directory of a zip archive, checked: which members it has and where their bytes lie.
///
/// Only what we write and NumPy reads is accepted: `.npy` and `.json` members, stored or deflated,
/// no zip64, no encryption.
struct ZipDirectory {
  struct Member {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let unpackedCount: Int
    /// The packed bytes.
    let range: Range<Int>
  }

  let members: [Member]

  /// What an archive may unpack to: a small file must not fill the memory.
  static func unpackedLimit(archiveBytes: Int) -> Int {
    let (product, overflow) = archiveBytes.multipliedReportingOverflow(by: 4)
    return overflow ? .max : product.addingReportingOverflow(64 << 20).partialValue
  }

  /// Whether `name` is a file name with `.npy` or `.json` and nothing that leads elsewhere.
  static func isPlainName(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,250}\.(npy|json)/) != nil
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(NPZProblem) {
    let (start, end, count) = try Self.findDirectory(bytes)
    var cursor = LittleEndianFields(bytes, start..<end)
    var names: Set<String> = []
    var members: [Member] = []
    for index in 0..<count {
      let member = try Self.readMember(&cursor, index: index, in: bytes, dataEnd: start)
      guard names.insert(member.name).inserted else { throw .duplicateName(member.name) }
      members.append(member)
    }
    guard cursor.isAtEnd else { throw .malformedDirectory }
    try Self.checkOverlap(members)
    let declared = members.reduce(0) { $0 + $1.unpackedCount }
    let limit = Self.unpackedLimit(archiveBytes: bytes.count)
    guard declared <= limit else { throw .tooLarge(declared: declared, limit: limit) }
    self.members = members
  }

  /// The directory's place and its number of members, as the record at the end tells them.
  private static func findDirectory(
    _ bytes: UnsafeRawBufferPointer
  ) throws(NPZProblem) -> (start: Int, end: Int, count: Int) {
    // A comment of up to 65,535 bytes may follow the record; its length must reach the end.
    let last = bytes.count - 22
    guard last >= 0 else { throw .notAnArchive }
    let isRecord = { (offset: Int) in
      var fields = LittleEndianFields(bytes, offset..<bytes.count)
      guard fields.next(UInt32.self) == 0x0605_4B50 else { return false }
      fields.skip(16)
      return fields.next(UInt16.self).map { offset + 22 + Int($0) == bytes.count } ?? false
    }
    let candidates = stride(from: last, through: max(0, last - 65_535), by: -1)
    guard let record = candidates.first(where: isRecord) else { throw .notAnArchive }
    var fields = LittleEndianFields(bytes, record + 4..<bytes.count)
    guard let disk = fields.next(UInt16.self), let directoryDisk = fields.next(UInt16.self),
      let here = fields.next(UInt16.self), let count = fields.next(UInt16.self),
      let size = fields.next(UInt32.self), let start = fields.next(UInt32.self)
    else { throw .notAnArchive }
    guard count != .max, size != .max, start != .max else { throw .zip64 }
    guard disk == 0, directoryDisk == 0, here == count, Int(start) + Int(size) == record else {
      throw .malformedDirectory
    }
    return (Int(start), record, Int(count))
  }

  private static func readMember(
    _ fields: inout LittleEndianFields, index: Int, in bytes: UnsafeRawBufferPointer, dataEnd: Int
  ) throws(NPZProblem) -> Member {
    guard fields.next(UInt32.self) == 0x0201_4B50 else { throw .malformedDirectory }
    fields.skip(4)
    let flags = fields.next(UInt16.self)
    let method = fields.next(UInt16.self)
    fields.skip(4)
    guard let flags, let method, let checksum = fields.next(UInt32.self),
      let packed = fields.next(UInt32.self), let unpacked = fields.next(UInt32.self),
      let nameCount = fields.next(UInt16.self), let extraCount = fields.next(UInt16.self),
      let commentCount = fields.next(UInt16.self)
    else { throw .malformedDirectory }
    fields.skip(8)
    guard let offset = fields.next(UInt32.self), let nameBytes = fields.bytes(Int(nameCount)),
      fields.bytes(Int(extraCount) + Int(commentCount)) != nil
    else { throw .malformedDirectory }
    let name = String(decoding: nameBytes, as: UTF8.self)
    guard isPlainName(name) else { throw .badName(index: index) }
    guard packed != .max, unpacked != .max, offset != .max else { throw .zip64 }
    guard flags & 1 == 0 else { throw .encrypted(name) }
    guard method == 0 || method == 8 else { throw .unsupportedMethod(name, method: Int(method)) }
    let start = try dataStart(at: Int(offset), name: name, in: bytes, dataEnd: dataEnd)
    guard Int(packed) <= dataEnd - start else { throw .outsideArchive(name) }
    return Member(
      name: name, isDeflated: method == 8, checksum: checksum, unpackedCount: Int(unpacked),
      range: start..<start + Int(packed))
  }

  /// Where the packed bytes start: behind the member's own header, whose name and extra field may
  /// be longer than the directory's.
  private static func dataStart(
    at offset: Int, name: String, in bytes: UnsafeRawBufferPointer, dataEnd: Int
  ) throws(NPZProblem) -> Int {
    guard offset <= dataEnd else { throw .outsideArchive(name) }
    var fields = LittleEndianFields(bytes, offset..<dataEnd)
    guard fields.next(UInt32.self) == 0x0403_4B50 else { throw .outsideArchive(name) }
    fields.skip(22)
    guard let nameCount = fields.next(UInt16.self), let extraCount = fields.next(UInt16.self),
      let found = fields.bytes(Int(nameCount)), found.elementsEqual(name.utf8),
      fields.bytes(Int(extraCount)) != nil
    else { throw .outsideArchive(name) }
    return fields.offset
  }

  /// Members that share bytes could unpack a small archive many times over.
  private static func checkOverlap(_ members: [Member]) throws(NPZProblem) {
    let sorted = members.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (earlier, later) in zip(sorted, sorted.dropFirst())
    where earlier.range.upperBound > later.range.lowerBound {
      throw .membersOverlap(earlier.name, later.name)
    }
  }
}

/// Little-endian fields within a range; past its end everything is `nil`.
private struct LittleEndianFields {
  private let buffer: UnsafeRawBufferPointer
  private let end: Int
  private(set) var offset: Int

  init(_ buffer: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.buffer = buffer
    offset = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { offset == end }

  mutating func next<T: FixedWidthInteger>(_: T.Type) -> T? {
    bytes(MemoryLayout<T>.size).map { T(littleEndian: $0.loadUnaligned(as: T.self)) }
  }

  mutating func skip(_ count: Int) { _ = bytes(count) }

  mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= end - offset else {
      offset = end
      return nil
    }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
  }
}
