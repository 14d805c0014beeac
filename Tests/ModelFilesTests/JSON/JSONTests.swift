import Testing

@testable import ModelFiles

private func parse(_ text: String, _ limits: JSONLimits = .standard) throws -> JSONNode {
  try JSONDocument(parsing: Array(text.utf8), limits: limits).root
}

private func failure(_ bytes: [UInt8], _ limits: JSONLimits = .standard) -> JSONError? {
  do {
    _ = try JSONDocument(parsing: bytes, limits: limits)
    return nil
  } catch {
    return error
  }
}

@Suite struct JSONTests {
  @Test func readsEveryKind() throws {
    let root = try parse(
      #" { "a" : [ 1 , -2.5e1, "x\n\u00e9\ud83d\ude00", true, false, null, [ ], { } ], "b":{"c":0} }"#
        + "\r\n\t ")
    #expect(root.kind == .object)
    #expect(root.count == 2)
    let list = try #require(root["a"]?.elements)
    #expect(list.map(\.kind) == [.number, .number, .string, .bool, .bool, .null, .array, .object])
    #expect(list[0].int == 1)
    #expect(list[0].double == 1)
    #expect(list[1].int == nil)
    #expect(list[1].double == -25)
    #expect(list[2].utf8 == Array("x\né😀".utf8))
    #expect(list[3].bool == true)
    #expect(list[4].bool == false)
    #expect(list[5].isNull)
    #expect(list[6].count == 0)
    #expect(list[7].members.isEmpty)
    #expect(root["b"]?["c"]?.int == 0)
    #expect(root["c"] == nil)
    #expect(root["a"]?["b"] == nil)
  }

  @Test func looksUpEscapedKeysByBytes() throws {
    let root = try parse(#"{"\u0061b": 1, "é": 2, "e\u0301": 3}"#)
    #expect(root["ab"]?.int == 1)
    #expect(root["\u{E9}"]?.int == 2)
    #expect(root["e\u{301}"]?.int == 3)
    var keys: [[UInt8]] = []
    root.forEachMember { key, _ in keys.append(Array(key)) }
    #expect(keys == ["ab", "\u{E9}", "e\u{301}"].map { Array($0.utf8) })
  }

  @Test(arguments: [
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("-0", 0), ("42", 42),
  ])
  func readsIntegers(literal: String, value: Int) throws {
    #expect(try parse(literal).int == value)
  }

  @Test(arguments: ["9223372036854775808", "-9223372036854775809", "2.0", "2e0", "\"2\"", "null"])
  func refusesOtherIntegers(literal: String) throws {
    #expect(try parse(literal).int == nil)
  }

  @Test func doublesThatOverflowAreNoDoubles() throws {
    #expect(try parse("1e999").double == nil)
    #expect(try parse("1e-999").double == 0)
    #expect(try parse("0.1").double == 0.1)
  }

  @Test(arguments: [
    ("", 0, JSONError.Kind.unexpectedEnd),
    ("[1,]", 3, .trailingComma),
    ("{\"a\":1,}", 7, .trailingComma),
    ("[1 2]", 3, .expectedCommaOrEnd),
    ("[1}", 2, .expectedCommaOrEnd),
    ("{\"a\":1]", 6, .expectedCommaOrEnd),
    ("{a:1}", 1, .expectedKey),
    ("{\"a\" 1}", 5, .expectedColon),
    ("{\"a\":}", 5, .unexpectedByte(0x7D)),
    ("[", 1, .unexpectedEnd),
    ("[1", 2, .unexpectedEnd),
    ("{\"a", 3, .unexpectedEnd),
    ("\"\\", 2, .unexpectedEnd),
    ("1 2", 2, .trailingBytes),
    ("{}x", 2, .trailingBytes),
    ("// c\n1", 0, .unexpectedByte(0x2F)),
    ("NaN", 0, .unexpectedByte(0x4E)),
    ("-Infinity", 0, .invalidNumber),
    ("nul", 0, .invalidLiteral),
    ("tru\"", 0, .invalidLiteral),
    ("01", 0, .invalidNumber),
    ("-", 0, .invalidNumber),
    ("1.", 0, .invalidNumber),
    (".5", 0, .unexpectedByte(0x2E)),
    ("1e", 0, .invalidNumber),
    ("+1", 0, .unexpectedByte(0x2B)),
    ("\"a\u{0}\"", 2, .controlCharacter(0)),
    ("\"12345678\t\"", 9, .controlCharacter(9)),
    ("\"\\x\"", 1, .invalidEscape),
    ("\"\\u12g4\"", 1, .invalidEscape),
    ("\"\\u123", 1, .invalidEscape),
    ("\"\\ud800\"", 1, .loneSurrogate),
    ("\"\\ud800\\u0041\"", 1, .loneSurrogate),
    ("\"\\udc00\"", 1, .loneSurrogate),
    ("{\"a\":1,\"b\":2,\"\\u0061\":3}", 13, .duplicateKey("a")),
    ("[{\"\":[{}],\"x\":{\"\":0},\"\":1}]", 21, .duplicateKey("")),
    ("\u{FEFF}{}", 0, .byteOrderMark),
  ])
  func refuses(text: String, offset: Int, kind: JSONError.Kind) {
    #expect(failure(Array(text.utf8)) == JSONError(offset: offset, kind: kind))
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func refusesIllFormedText(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(failure([quote, 0x61] + bytes + [quote])?.kind == .invalidUTF8)
  }

  @Test func limitsDepth() {
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(failure(Array(deep.utf8)) == nil)
    #expect(failure(Array("[\(deep)]".utf8))?.kind == .tooDeep(limit: 128))
    #expect(failure(Array("[[1]]".utf8), JSONLimits(maximumDepth: 1))?.kind == .tooDeep(limit: 1))
    #expect(failure(Array("1".utf8), JSONLimits(maximumDepth: 0)) == nil)
    #expect(failure(Array("[1]".utf8), JSONLimits(maximumBytes: 2))?.kind == .tooLarge(limit: 2))
  }

  @Test func canAllowTrailingSpacesOnly() {
    let limits = JSONLimits(trailing: .spaces)
    #expect(failure(Array(" {}   ".utf8), limits) == nil)
    #expect(failure(Array("{} \n".utf8), limits)?.kind == .trailingBytes)
    #expect(failure(Array("{}\u{0}".utf8), limits)?.kind == .trailingBytes)
  }

  @Test func findsDuplicatesInLargeObjects() throws {
    var text = "{"
    for index in 0..<5000 { text += "\"key\(index)\":[{\"key\(index)\":\(index)}]," }
    #expect(try parse(text + "\"last\":0}").count == 5001)
    #expect(failure(Array((text + "\"key\\u0031234\":0}").utf8))?.kind == .duplicateKey("key1234"))
  }

  /// Cutting or changing any byte of a document must end in a value or an error, never in a trap.
  @Test func survivesDamage() throws {
    let text = Array(
      #"{"dtype":"F32","shape":[2,3e2,-0.5],"ü":{"\ud83d\ude00":null,"x":[[],{},true]}}"#.utf8)
    for end in 0..<text.count { #expect(failure(Array(text[..<end])) != nil) }
    for index in text.indices {
      for byte in [0x00, 0x22, 0x5C, 0x7B, 0x7D, 0x5D, 0x2C, 0x75, 0x80, 0xF4] as [UInt8] {
        var damaged = text
        damaged[index] = byte
        guard let document = try? JSONDocument(parsing: damaged) else { continue }
        visit(document.root)
      }
    }
  }

  private func visit(_ node: JSONNode) {
    _ = (node.int, node.double, node.string, node.bool)
    for element in node.elements { visit(element) }
    for member in node.members { visit(member.value) }
  }

  @Test func describesFailures() {
    #expect(
      failure(Array("{\"a\\n\":1,\"a\\n\":1}".utf8))?.description
        == "invalid JSON at byte 9: duplicate key \"a\u{FFFD}\"")
    #expect(failure([0x01])?.description == "invalid JSON at byte 0: unexpected byte 0x01")
  }
}
