/// Reads the one Python dictionary that a `.npy` header is: three known keys, each once, with a
/// string, a bool and a tuple of integers for values.
struct NPYDictionaryReader {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var description: String?
  private(set) var isFortranOrder: Bool?
  private(set) var shape: [Int]?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() throws(NPYProblem) {
    try expect("{")
    while !skip("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where description == nil: description = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try bool()
      case "shape" where shape == nil: shape = try tuple()
      default: throw .malformedHeader
      }
      guard skip(",") || peek == UInt8(ascii: "}") else { throw .malformedHeader }
    }
    guard peek == nil else { throw .malformedHeader }
  }

  /// The next byte that is no white space; `nil` at the end.
  private var peek: UInt8? {
    mutating get {
      while position < bytes.count, [0x20, 0x0A, 0x09, 0x0D].contains(bytes[position]) {
        position += 1
      }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  private mutating func skip(_ token: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: token) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ token: Unicode.Scalar) throws(NPYProblem) {
    guard skip(token) else { throw .malformedHeader }
  }

  private mutating func string() throws(NPYProblem) -> String {
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .malformedHeader
    }
    position += 1
    let rest = bytes[position...]
    guard let end = rest.firstIndex(of: quote), !rest[..<end].contains(UInt8(ascii: "\\")) else {
      throw .malformedHeader
    }
    position = end + 1
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func bool() throws(NPYProblem) -> Bool {
    _ = peek
    for (text, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: text.utf8) {
      position += text.utf8.count
      return value
    }
    throw .malformedHeader
  }

  private mutating func tuple() throws(NPYProblem) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !skip(")") {
      values.append(try integer())
      // One element needs its comma: `(3)` is a number in parentheses.
      if skip(",") { continue }
      guard peek == UInt8(ascii: ")"), values.count > 1 else { throw .malformedHeader }
    }
    return values
  }

  private mutating func integer() throws(NPYProblem) -> Int {
    _ = peek
    let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty else { throw .malformedHeader }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw .sizeOverflow }
    position += digits.count
    return value
  }
}
