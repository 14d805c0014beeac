import ModelFiles

/// Walks the fields of one protocol-buffers message.
struct ProtobufReader {
  enum Value {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    /// Bytes, text or a message, as a range of the whole file.
    case bytes(Range<Int>)
  }

  private let bytes: UnsafeRawBufferPointer
  private let end: Int
  /// Where the next field starts, or the field that could not be read.
  private(set) var position: Int

  /// - Parameter range: where in `bytes` the message lies.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; `nil` at the end.
  mutating func next() throws(TokenizerProblem) -> (field: UInt64, value: Value)? {
    guard position < end else { return nil }
    let start = position
    let tag = try integer()
    guard tag >> 3 > 0 else { throw .malformedModelFile(offset: start) }
    switch tag & 7 {
    case 0: return (tag >> 3, .integer(try integer()))
    case 1: return (tag >> 3, .fixed64(try fixed(UInt64.self)))
    case 2:
      let start = position
      let count = try integer()
      guard count <= UInt64(end - position) else { throw .malformedModelFile(offset: start) }
      defer { position += Int(count) }
      return (tag >> 3, .bytes(position..<position + Int(count)))
    case 5: return (tag >> 3, .fixed32(try fixed(UInt32.self)))
    default: throw .malformedModelFile(offset: start)
    }
  }

  private mutating func integer() throws(TokenizerProblem) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw .malformedModelFile(offset: position) }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .malformedModelFile(offset: position)
  }

  private mutating func fixed<Number: FixedWidthInteger>(
    _: Number.Type
  ) throws(TokenizerProblem) -> Number {
    let size = MemoryLayout<Number>.size
    guard end - position >= size else { throw .malformedModelFile(offset: position) }
    defer { position += size }
    return Number(
      littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
  }
}
