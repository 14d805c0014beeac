import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// JSON records as documents.
@Suite struct CorpusRecordTests {
  private func read(
    _ text: String, as name: String = "a.jsonl", _ options: Corpus.Options = Corpus.Options()
  ) throws -> (texts: [String], summary: Corpus.Summary) {
    let scratch = try TemporaryFolder([name: Array(text.utf8)])
    return try documents(Corpus([scratch.path + "/" + name], options: options))
  }

  private func texts(_ text: String, as name: String = "a.jsonl", field: String = "text") throws
    -> [String]
  {
    try read(text, as: name, Corpus.Options(textField: field)).texts
  }

  @Test func namesSayWhatFilesHold() throws {
    let lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"
    for name in ["a.jsonl", "a.ndjson", "a.JSONL", "a.json"] {
      let (texts, summary) = try read(lines, as: name)
      #expect(texts == ["a", "b"] && summary.recognised == [], "\(name)")
    }
    for name in ["a.txt", "a.md"] { #expect(try texts(lines, as: name) == [lines]) }
    let (recognised, summary) = try read(lines, as: "a.data")
    #expect(recognised == ["a", "b"] && summary.recognised == ["a.data"])
    #expect(try read(lines, as: "a.jsonl", Corpus.Options(format: .text)).texts == [lines])
    #expect(try read(lines, as: "a.txt", Corpus.Options(format: .jsonl)).texts == ["a", "b"])
  }

  @Test(arguments: [
    ("[{\"text\":\"a\"},\n {\"text\":\"b\"}]", ["a", "b"]), ("{\"text\":\"a\"}", ["a"]), ("[]", []),
    ("{\n \"text\": \"a\",\n \"n\": [1, {}]\n}\n", ["a"]), (" [ ] \n", []),
    ("{\"text\":\"}\\\"{\"}{\"text\":\"b\"}", ["}\"{", "b"]), ("", []),
    ("\u{FEFF}[{\"text\":\"a\"}]", ["a"]),
  ])
  func jsonFilesHoldObjectsOrAnArray(text: String, expected: [String]) throws {
    #expect(try texts(text, as: "a.json") == expected)
  }

  /// Records that lie across the pieces in which a file is read.
  @Test(arguments: ["a.json", "a.jsonl", "a"])
  func longFilesGiveEveryRecord(name: String) throws {
    let expected = (0..<2500).map { "text \($0) " + String(repeating: "x", count: $0 % 97) }
    let records = expected.map { "{\"text\":\"\($0)\"}" }
    #expect(try texts(records.joined(separator: "\n"), as: name) == expected)
    guard name != "a.jsonl" else { return }
    #expect(try texts("[" + records.joined(separator: ",\n") + "]", as: name) == expected)
  }

  @Test(arguments: [
    ("[{\"text\":\"a\"}", 1, 13, JSONError.Kind.unexpectedEnd),
    ("[{\"text\":\"a\"} {}]", 1, 14, .unexpectedByte(UInt8(ascii: "{"))),
    ("[{\"text\":\"a\"},]", 1, 14, .unexpectedByte(UInt8(ascii: "]"))),
    ("[\n]\nx", 3, 4, .trailingBytes), ("[\n1]", 2, 2, .unexpectedByte(UInt8(ascii: "1"))),
    ("{\"text\":\"a\"", 1, 11, .unexpectedEnd),
  ])
  func malformedFilesAreRefused(
    text: String, line: Int, offset: Int, kind: JSONError.Kind
  ) throws {
    let scratch = try TemporaryFolder(["a.json": Array(text.utf8)])
    let path = scratch.path + "/a.json"
    let error = CorpusError.json(path: path, line: line, JSONError(offset: offset, kind: kind))
    #expect(throws: error) { try documents(Corpus([path])) }
  }

  /// Only what is certain is taken for JSON.
  @Test(arguments: [
    "{\"text\":\"a\"} and prose", "{\"txt\":\"a\"}\n", "{text}", "[1, 2]", "[\"text\"]", "{",
    "{\"text\":1}", "{\"text\":\"a\",}\n", "{}", "[", "  ", "{\"text", "[{\"text\":\"a\"",
  ])
  func proseStaysProse(text: String) throws {
    // An object that stands alone in its line and has a text is a record, whatever follows.
    if text.hasSuffix("prose") {
      #expect(throws: CorpusError.self) { try texts(text, as: "notes") }
    } else {
      #expect(try texts(text, as: "notes") == [text])
    }
  }

  @Test func fieldsAreChosen() throws {
    #expect(try texts("{\"body\":\"a\",\"text\":\"b\"}", field: "body") == ["a"])
    #expect(throws: CorpusError.self) { try texts("{\"messages\":[]}", field: "body") }
    #expect(throws: CorpusError.self) { try texts("{\"text\":5}") }
    #expect(throws: CorpusError.self) { try texts("[1]\n") }
    #expect(throws: CorpusError.self) { try texts("5\n") }
  }

  @Test func messagesAreJoined() throws {
    let chat = """
      {"messages":[{"role":"user","content":"one"},{"role":"assistant","content":null,"tool_calls":[]},\
      {"role":"assistant"},{"role":"user","content":[{"type":"text","text":"two"},{"type":"image"},\
      {"type":"text","text":"three"}]}]}
      """
    #expect(
      try texts(chat) == ["one\ntwo\nthree"] && texts(chat, as: "chat") == ["one\ntwo\nthree"])
    #expect(try texts(chat.replacing("messages", with: "talk"), field: "talk").count == 1)
    // A text goes first.
    #expect(try texts("{\"text\":\"t\",\"messages\":[]}") == ["t"])
    #expect(throws: CorpusError.self) { try texts("{\"messages\":[{\"content\":1}]}") }
    #expect(throws: CorpusError.self) { try texts("{\"messages\":[\"a\"]}") }
  }

  @Test func recordsWithoutTextAreCounted() throws {
    let (texts, summary) = try read(
      "{\"text\":null}\n{\"text\":\"a\"}\n{\"messages\":[{\"role\":\"x\",\"content\":null}]}\n")
    #expect(texts == ["a"] && summary.withoutText == 2 && summary.documents == 1)
  }

  @Test func numbersMayBeNaN() throws {
    #expect(
      try texts("{\"x\":NaN,\"y\":[-Infinity,Infinity],\"text\":\"a\"}\n") == ["a"])
    #expect(throws: CorpusError.self) { try texts("{\"x\":Nan,\"text\":\"a\"}\n") }
    #expect(throws: CorpusError.self) { try texts("{\"x\":-Inf,\"text\":\"a\"}\n") }
    #expect(throws: JSONError.self) { try JSONDocument(parsing: Array("NaN".utf8)) }
    let node = try RecordText.document(Array("[NaN,-Infinity,7]".utf8)).root.elements
    #expect(node.map(\.int) == [nil, nil, 7] && node.map(\.double) == [nil, nil, 7])
    #expect(node.map(\.kind) == [.number, .number, .number])
  }

  @Test func byteOrderMarksAreNoPartOfRecords() throws {
    let mark = "\u{FEFF}"
    let lines = "\(mark){\"text\":\"a\"}\n\(mark){\"text\":\"b\"}\n\(mark)\n"
    #expect(try texts(lines) == ["a", "b"] && texts(lines, as: "a") == ["a", "b"])
    // Of a text it is a part, as tokenizers have it.
    #expect(try texts("\(mark)a", as: "a.txt") == ["\(mark)a"])
  }

  @Test func strictMeansRecordsToo() throws {
    let bytes = Array("{\"text\":\"a\"}\n{\"text\":\"".utf8) + [0xFF] + Array("b\"}".utf8)
    let scratch = try TemporaryFolder(["a.jsonl": bytes, "a.json": bytes])
    for name in ["a.jsonl", "a.json"] {
      let path = scratch.path + "/" + name
      let (texts, summary) = try documents(Corpus([path]))
      #expect(texts == ["a", "\u{FFFD}b"] && summary.replacements == 1)
      #expect(throws: CorpusError.invalidUTF8(path: path, offset: 22)) {
        try documents(Corpus([path], options: Corpus.Options(isStrict: true)))
      }
    }
  }
}
