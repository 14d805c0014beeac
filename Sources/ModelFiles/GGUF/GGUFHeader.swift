/// The header of one GGUF file: its metadata and where its tensors lie.
///
/// Versions 2 and 3, little-endian. The header is read in one pass, front to back; every count
/// and length is held against the bytes that remain before anything is made from it.
struct GGUFHeader {
  let metadata: GGUFMetadata
  /// By offset.
  let tensors: [TensorInfo]
  /// Bytes before the first tensor's padding: what a fingerprint covers.
  let byteCount: Int

  /// Reads `file`, the `index`-th of its checkpoint.
  init(_ file: MappedFile, index: Int) throws(GGUFProblem) {
    self = try file.withBytes { (bytes) throws(GGUFProblem) in
      try GGUFHeader(bytes, of: file, index: index)
    }
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, of file: MappedFile, index: Int
  ) throws(GGUFProblem) {
    var cursor = ByteCursor(bytes)
    let counts = try Self.readCounts(&cursor)
    metadata = try Self.readMetadata(&cursor, count: counts.keys, of: file)
    let alignment = try Self.alignment(metadata)
    // Where the data start is known only behind the last record: read once to find it, and once
    // more to place the tensors, so that no list of records stands beside that of tensors.
    var places = cursor
    for index in 0..<counts.tensors { _ = try GGUFTensorRecord(&cursor, index: index) }
    byteCount = cursor.offset
    let data = GGUFTensorData(
      start: (cursor.offset + alignment - 1) / alignment * alignment, end: bytes.count,
      alignment: alignment)
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(counts.tensors)
    for position in 0..<counts.tensors {
      let record = try GGUFTensorRecord(&places, index: position)
      tensors.append(try data.place(record, file: index))
    }
    tensors.sort { ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount) }
    try GGUFTensorData.checkOverlap(tensors)
    self.tensors = tensors
  }

  private static func readCounts(
    _ cursor: inout ByteCursor
  ) throws(GGUFProblem) -> (tensors: Int, keys: Int) {
    guard cursor.remaining >= 4, try cursor.integer(UInt32.self) == 0x4655_4747 else {
      throw .badMagic
    }
    let version = try cursor.integer(UInt32.self)
    guard version == 2 || version == 3 else {
      throw version.byteSwapped == 2 || version.byteSwapped == 3
        ? .bigEndian : .unsupportedVersion(version)
    }
    let tensors = try cursor.integer(UInt64.self)
    let keys = try cursor.integer(UInt64.self)
    // The smallest pair has a key of one byte and a value of one byte.
    guard keys <= UInt64(cursor.remaining / (8 + 1 + 4 + 1)) else {
      throw .tooManyKeys(count: keys, remaining: cursor.remaining)
    }
    guard tensors <= UInt64(cursor.remaining / GGUFTensorRecord.smallestSize) else {
      throw .tooManyTensors(count: tensors, remaining: cursor.remaining)
    }
    return (Int(clamping: tensors), Int(clamping: keys))
  }

  private static func readMetadata(
    _ cursor: inout ByteCursor, count: Int, of file: MappedFile
  ) throws(GGUFProblem) -> GGUFMetadata {
    var offsets: [Int] = []
    for index in 0..<count {
      offsets.append(cursor.offset)
      let key = try readKey(&cursor, index: index)
      let code = try cursor.integer(UInt32.self)
      guard let type = GGUFValueType(rawValue: code) else {
        throw .unknownValueType(key: key, code: code)
      }
      try skipValue(type, &cursor, key: key, depth: 0)
    }
    do {
      return try GGUFMetadata(file: file, offsets: offsets)
    } catch {
      throw .duplicateKey(error.key)
    }
  }

  private static func readKey(
    _ cursor: inout ByteCursor, index: Int
  ) throws(GGUFProblem) -> String {
    let length = try cursor.integer(UInt64.self)
    guard length > 0 else { throw .keyEmpty(index: index) }
    guard length <= 65_535 else { throw .keyTooLong(index: index, bytes: length) }
    guard let range = cursor.skip(length) else { throw .keyPastEnd(index: index, bytes: length) }
    guard let key = String(validating: cursor.bytes[range], as: UTF8.self) else {
      throw .keyNotUTF8(index: index)
    }
    return key
  }

  /// Passes over one value, checking that it lies whole inside the file.
  ///
  /// `depth` counts the arrays around it.
  private static func skipValue(
    _ type: GGUFValueType, _ cursor: inout ByteCursor, key: String, depth: Int
  ) throws(GGUFProblem) {
    switch type {
    case .bool:
      guard cursor.remaining > 0 else { throw .valuePastEnd(key: key) }
      let byte = try cursor.integer(UInt8.self)
      guard byte <= 1 else { throw .badBool(key: key, byte: byte) }
    case .string:
      guard cursor.remaining >= 8 else { throw .valuePastEnd(key: key) }
      let length = try cursor.integer(UInt64.self)
      guard cursor.skip(length) != nil else { throw .stringPastEnd(key: key, bytes: length) }
    case .array:
      try skipArray(&cursor, key: key, depth: depth + 1)
    default:
      guard let size = type.size, cursor.skip(UInt64(size)) != nil else {
        throw .valuePastEnd(key: key)
      }
    }
  }

  private static func skipArray(
    _ cursor: inout ByteCursor, key: String, depth: Int
  ) throws(GGUFProblem) {
    guard depth <= 4 else { throw .arraysNestedTooDeep(key: key) }
    guard cursor.remaining >= 12 else { throw .valuePastEnd(key: key) }
    let code = try cursor.integer(UInt32.self)
    guard let type = GGUFValueType(rawValue: code) else {
      throw .unknownValueType(key: key, code: code)
    }
    let count = try cursor.integer(UInt64.self)
    guard count <= UInt64(cursor.remaining / type.smallestSize) else {
      throw .arrayPastEnd(key: key, count: count)
    }
    if type != .bool, let size = type.size {
      // Cannot overflow: the product was just held against the bytes that remain.
      guard cursor.skip(count &* UInt64(size)) != nil else {
        throw .arrayPastEnd(key: key, count: count)
      }
    } else {
      for _ in 0..<count { try skipValue(type, &cursor, key: key, depth: depth) }
    }
  }

  private static func alignment(_ metadata: GGUFMetadata) throws(GGUFProblem) -> Int {
    let key = "general.alignment"
    guard let type = metadata.type(of: key) else { return 32 }
    guard type == .uint32, let value = metadata.unsigned(key) else {
      throw .wrongType(key: key, needed: "uint32", found: type)
    }
    guard value > 0, value & (value - 1) == 0, value <= 1 << 20 else {
      throw .badAlignment(value)
    }
    return value
  }
}
