import ModelFiles

/// Finds where an object ends by its brackets and quotes alone, so that nothing has to be parsed
/// before it is there as a whole.
struct JSONSplitter {
  /// Where the object began.
  var start = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  init(start: Int = 0) { self.start = start }

  /// The offset behind the object that is open, or opens at `from`; `nil` where it goes on beyond
  /// the bytes.
  mutating func end(in bytes: [UInt8], from: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var position = from
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if isInString {
          if isEscaped {
            isEscaped = false
          } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
          } else if byte == UInt8(ascii: "\"") {
            isInString = false
          }
          continue
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth <= 0 { return position }
        default: break
        }
      }
      return nil
    }
  }
}
