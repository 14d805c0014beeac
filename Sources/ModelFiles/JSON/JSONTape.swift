/// Walking a tape laid out by `JSONParser`.
enum JSONTape {
  /// The index of the node that follows the node at `index` and all it holds.
  @inline(__always)
  static func next(
    after index: Int, bytes: UnsafeBufferPointer<UInt8>, tape: [UInt32]
  ) -> Int {
    holdsMembers(index, bytes: bytes, tape: tape) ? Int(tape[index + 1]) : index + 1
  }

  @inline(__always)
  static func holdsMembers(
    _ index: Int, bytes: UnsafeBufferPointer<UInt8>, tape: [UInt32]
  ) -> Bool {
    let offset = Int(tape[index])
    let opening = bytes[offset]
    guard opening | 0x20 == UInt8(ascii: "{") else { return false }
    var position = offset + 1
    while JSONText.isWhitespace(bytes[position]) { position += 1 }
    return bytes[position] != opening + 2
  }
}
