/// A JSON text, checked strictly by RFC 8259 and read lazily.
///
/// Beyond the grammar it refuses what readers disagree on: duplicate keys (however escaped), a byte
/// order mark, ill-formed UTF-8, lone surrogates, nesting beyond the limit. Strings and numbers are
/// decoded when asked for; parsing allocates per document, not per node.
public struct JSONDocument: Sendable {
  private let storage: JSONStorage

  /// Parses a copy of `bytes`.
  ///
  /// - Throws: `JSONError` with the offset of the first offence.
  /// - Complexity: linear in time; memory up to three times the document beside the copy.
  public init(
    parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard
  ) throws(JSONError) {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONError(offset: 0, kind: .tooLarge(limit: limits.maximumBytes))
    }
    try self.init(parsing: [UInt8](bytes), limits: limits)
  }

  /// Parses `bytes`, which the document keeps without copying.
  public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
    let parsed = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONError) in try JSONParser.tape(of: buffer, limits: limits) }
    }
    storage = JSONStorage(bytes: bytes, tape: try parsed.get())
  }

  /// The value that the whole text is.
  public var root: JSONNode { JSONNode(storage: storage, index: 0) }
}

final class JSONStorage: Sendable {
  let bytes: [UInt8]
  let tape: [UInt32]

  init(bytes: [UInt8], tape: [UInt32]) {
    self.bytes = bytes
    self.tape = tape
  }
}

/// One value of a `JSONDocument`; as cheap to copy as a reference.
public struct JSONNode: Sendable {
  public enum Kind: Sendable, Equatable {
    case null, bool, number, string, array, object
  }

  private let storage: JSONStorage
  private let index: Int

  init(storage: JSONStorage, index: Int) {
    self.storage = storage
    self.index = index
  }

  private var offset: Int { Int(storage.tape[index]) }

  public var kind: Kind {
    switch storage.bytes[offset] {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    default: .number
    }
  }

  public var isNull: Bool { kind == .null }

  /// The truth value; `nil` for any other kind.
  public var bool: Bool? { kind == .bool ? storage.bytes[offset] == UInt8(ascii: "t") : nil }

  /// The value of a plain integer literal that fits; `nil` for `2.0`, `2e0`, `"2"` and above 2^63.
  public var int: Int? {
    guard kind == .number else { return nil }
    return storage.bytes.withUnsafeBufferPointer { bytes in
      var position = offset
      let negative = bytes[position] == UInt8(ascii: "-")
      if negative { position += 1 }
      // NaN and Infinity, where they may stand, begin with no digit.
      guard position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 else { return nil }
      var value = 0
      while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 {
        let digit = Int(bytes[position] - UInt8(ascii: "0"))
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) =
          negative
          ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
        if overflow || carry { return nil }
        value = sum
        position += 1
      }
      if position < bytes.count {
        let next = bytes[position]
        if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
      }
      return value
    }
  }

  /// The nearest finite double; `nil` for any other kind and for literals that overflow.
  public var double: Double? {
    guard kind == .number else { return nil }
    let literal = storage.bytes[offset...].prefix { byte in
      byte &- UInt8(ascii: "0") < 10 || byte | 0x20 == UInt8(ascii: "e")
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    }
    guard let value = Double(String(decoding: literal, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// The text; `nil` for any other kind. Compare names by `utf8`: `String` equality is canonical
  /// equivalence.
  public var string: String? { withUTF8 { String(decoding: $0, as: UTF8.self) } }

  /// The text's bytes; `nil` for any other kind.
  public var utf8: [UInt8]? { withUTF8 { [UInt8]($0) } }

  /// Calls `body` with the text's bytes without copying them where they hold no escape.
  @inline(__always)
  public func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows
    -> Result?
  {
    guard kind == .string else { return nil }
    return try storage.bytes.withUnsafeBufferPointer { bytes in
      try JSONText.withUTF8(bytes, at: offset, body)
    }
  }

  /// The member of that name, compared by bytes; `nil` where there is none or this is no object.
  ///
  /// - Complexity: linear in the number of members.
  public subscript(_ key: String) -> JSONNode? {
    guard kind == .object else { return nil }
    let wanted = key.utf8
    var found: JSONNode?
    walk { bytes, at in
      if JSONText.withUTF8(bytes, at: Int(storage.tape[at]), { $0.elementsEqual(wanted) }) {
        found = JSONNode(storage: storage, index: at + 1)
        return false
      }
      return true
    }
    return found
  }

  /// Members of an object or elements of an array; 0 for scalars. Linear.
  public var count: Int {
    var count = 0
    walk { _, _ in
      count += 1
      return true
    }
    return count
  }

  /// The elements of an array; empty for any other kind.
  public var elements: [JSONNode] {
    var nodes: [JSONNode] = []
    forEachElement { nodes.append($0) }
    return nodes
  }

  /// The members of an object as they stand; empty for any other kind.
  public var members: [(key: String, value: JSONNode)] {
    var members: [(key: String, value: JSONNode)] = []
    forEachMember { key, value in
      members.append((String(decoding: key, as: UTF8.self), value))
    }
    return members
  }

  /// Visits the elements of an array in order; nothing for any other kind.
  public func forEachElement(_ body: (JSONNode) throws -> Void) rethrows {
    guard kind == .array else { return }
    try walk { _, at in
      try body(JSONNode(storage: storage, index: at))
      return true
    }
  }

  /// Visits the members of an object in order, keys as bytes; nothing for any other kind.
  ///
  /// The key's buffer is valid only within `body`.
  public func forEachMember(
    _ body: (_ key: UnsafeBufferPointer<UInt8>, _ value: JSONNode) throws -> Void
  ) rethrows {
    guard kind == .object else { return }
    try walk { bytes, at in
      try JSONText.withUTF8(bytes, at: Int(storage.tape[at])) { key throws in
        try body(key, JSONNode(storage: storage, index: at + 1))
      }
      return true
    }
  }

  /// Calls `body` with the tape index of every member's key or of every element, until it is false.
  @inline(__always)
  private func walk(_ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Bool) rethrows {
    try storage.bytes.withUnsafeBufferPointer { bytes in
      let tape = storage.tape
      guard JSONTape.holdsMembers(index, bytes: bytes, tape: tape) else { return }
      let isObject = bytes[Int(tape[index])] == UInt8(ascii: "{")
      let end = Int(tape[index + 1])
      var at = index + 2
      while at < end {
        guard try body(bytes, at) else { return }
        at = JSONTape.next(after: isObject ? at + 1 : at, bytes: bytes, tape: tape)
      }
    }
  }
}
