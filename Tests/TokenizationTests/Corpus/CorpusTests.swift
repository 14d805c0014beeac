import Foundation
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// The texts of all documents of a corpus, and what reading came upon.
func documents(_ corpus: Corpus) throws -> (texts: [String], summary: Corpus.Summary) {
  var texts: [String] = []
  var current: [UInt8] = []
  let summary = try corpus.forEachPart { part in
    switch part {
    case .text(let text, _): current += text
    case .end:
      texts.append(String(decoding: current, as: UTF8.self))
      current = []
    }
    return true
  }
  return (texts, summary)
}

@Suite struct CorpusTests {
  @Test func readsFoldersInTheOrderOfTheirPaths() throws {
    let scratch = try TemporaryFolder([
      "b.txt": Array("two".utf8), "B.md": Array("one".utf8), "c/d.TXT": Array("three".utf8),
      "e.jsonl": Array("{\"text\":\"four\"}\n\n {\"text\":\"f\\u0069ve\",\"n\":1}\r\n".utf8),
      "ignored.bin": [0xFF], "z.txt": [],
    ])
    let corpus = try Corpus([scratch.path])
    let (texts, summary) = try documents(corpus)
    #expect(texts == ["one", "two", "three", "four", "five", ""])
    #expect(summary.files == 5 && summary.documents == 6 && summary.replacements == 0)
    #expect(corpus.name == FilePath(scratch.path).lastComponent)
    #expect(try Corpus(["-"]).name == "standard input")
    #expect(try Corpus(["/dev/fd/0"]).name == "standard input")
    #expect(try Corpus(["/dev/fd/1"]).name == "pipe")
  }

  @Test func repairsOrRefusesIllFormedText() throws {
    let scratch = try TemporaryFolder(["a.txt": [0x61, 0xFF, 0x62, 0xE4, 0xBD, 0x63, 0xF0, 0x9F]])
    let file = scratch.path + "/a.txt"
    let (texts, summary) = try documents(Corpus([file]))
    #expect(texts == ["a\u{FFFD}b\u{FFFD}c\u{FFFD}"])
    #expect(summary.replacements == 3)
    #expect(throws: CorpusError.invalidUTF8(path: file, offset: 1)) {
      try documents(Corpus([file], options: Corpus.Options(isStrict: true)))
    }
  }

  @Test(arguments: [
    (Array("ab\0c".utf8), true), (Array("\0".utf8), true),
    ([0x61, 0xFF, 0xFE, 0x62, 0xFF], false), ([0xC3, 0xD0, 0xC9, 0x20], false),
    ([0x61, 0xFF, 0xFE, 0x62], nil), (Array("Grüße".utf8), nil), ([], nil),
  ])
  func refusesBytesThatAreNoText(bytes: [UInt8], holdsNUL: Bool?) throws {
    let scratch = try TemporaryFolder(["a.txt": bytes])
    let file = scratch.path + "/a.txt"
    guard let holdsNUL else {
      #expect(try documents(Corpus([file])).summary.documents == 1)
      return
    }
    let error = CorpusError.notText(path: file, holdsNUL: holdsNUL)
    #expect(throws: error) { try documents(Corpus([file])) }
    #expect(error.description.hasPrefix("\(file): not a text: "))
  }

  @Test func refusesWhatIsNoText() throws {
    #expect(throws: CorpusError.file(path: "/nonexistent", .missing)) {
      try Corpus(["/nonexistent"])
    }
    #expect(throws: CorpusError.empty) { try Corpus([]) }
    let scratch = try TemporaryFolder([
      "x/a.bin": [], "b.jsonl": Array("{\"text\":\"a\"}\n{\"txt\":\"b\"}".utf8),
      "c.jsonl": Array("{\"text\":".utf8),
    ])
    let bin = LeftOut([.init(reason: .otherKind, count: 1, names: ["a.bin"])])
    let none = CorpusError.noTextFiles(folder: scratch.path + "/x", leftOut: bin)
    #expect(throws: none) { try Corpus([scratch.path + "/x"]) }
    #expect(none.description.hasSuffix("; left out: 1 of other kinds (a.bin)"))
    let (second, third) = (scratch.path + "/b.jsonl", scratch.path + "/c.jsonl")
    let missing = CorpusError.missingText(path: second, line: 2, field: "text", found: ["txt"])
    #expect(throws: missing) { try documents(Corpus([second])) }
    #expect(missing.description.contains("a string 'text'; it has txt: --text-field says which"))
    #expect(
      throws: CorpusError.json(path: third, line: 1, JSONError(offset: 8, kind: .unexpectedEnd))
    ) { try documents(Corpus([third])) }
  }

  @Test func readsPipes() throws {
    let scratch = try TemporaryFolder(["keep.txt": []])
    let pipe = scratch.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let corpus = try Corpus([pipe])
    let writer = Thread {
      let handle = FileHandle(forWritingAtPath: pipe)
      handle?.write(Data("through a pipe".utf8))
      try? handle?.close()
    }
    writer.start()
    #expect(try documents(corpus).texts == ["through a pipe"])
  }
}

@Suite struct ChunkerTests {
  private func chunker(
    _ length: Int, _ bos: Chunker.BOS = .never, eos: Bool = false, maximum: Int? = nil,
    family: String = "llama3"
  ) throws -> Chunker {
    try Chunker(
      tokenizer: TokenizerFixture(family).tokenizer, chunkLength: length, bos: bos,
      separatesByEOS: eos, maximumChunks: maximum)
  }

  @Test func cutsTheJoinedIDsWithoutOverlap() throws {
    let scratch = try TemporaryFolder([
      "a.txt": Array("the first text, 123".utf8), "b.txt": Array("the second text".utf8),
    ])
    let corpus = try Corpus([scratch.path])
    let plain = try chunker(3)
    let tokenizer = try TokenizerFixture("llama3").tokenizer
    let all =
      tokenizer.encode("the first text, 123")
      + tokenizer.encode(
        "the second text")
    let chunks = try plain.chunks(of: corpus)
    #expect(chunks.count == all.count / 4)
    #expect(chunks.tokens == Array(all.prefix(chunks.count * 4)))
    #expect(chunks[1] == Array(all[4..<8]))
    let withBOS = try chunker(3, .auto).chunks(of: corpus)
    let bos = try #require(tokenizer.automaticBOS)
    #expect(withBOS.bos == bos)
    #expect(withBOS.count == all.count / 3)
    #expect(withBOS[1] == [bos] + all[3..<6])
    #expect(try chunker(3, .always).chunks(of: corpus).tokens == withBOS.tokens)
  }

  @Test func tokenizesNoMoreThanNeeded() throws {
    let text = String(repeating: "some more text ", count: 1000)
    let scratch = try TemporaryFolder([
      "a.txt": Array(text.utf8), "b.jsonl": Array("not read".utf8),
    ])
    let corpus = try Corpus([scratch.path])
    let chunks = try chunker(9, maximum: 2).chunks(of: corpus)
    #expect(chunks.count == 2)
    #expect(chunks.tokens.count == 20)
    #expect(chunks.summary.documents == 1)
    #expect(throws: CorpusError.self) { try chunker(9).chunks(of: corpus) }
  }

  @Test(arguments: [nil, 3] as [Int?])
  func threadsDoNotChangeTheChunks(maximum: Int?) throws {
    let fixture = try TokenizerFixture("qwen2")
    let lines = fixture.texts.map { text in
      JSONWriter.string(of: .object([.init("text", .string(text))]), style: .compact)
    }
    let scratch = try TemporaryFolder(["a.jsonl": Array(lines.joined(separator: "\n").utf8)])
    let corpus = try Corpus([scratch.path])
    func chunks(_ threads: Int) throws -> ChunkedCorpus {
      try Chunker(
        tokenizer: fixture.tokenizer, chunkLength: 40, separatesByEOS: false,
        maximumChunks: maximum, threads: threads
      ).chunks(of: corpus)
    }
    let one = try chunks(1)
    let all = fixture.ids.flatMap(\.self)
    #expect(one.tokens[...] == all.prefix(one.tokens.count))
    for threads in [2, 5] {
      let many = try chunks(threads)
      #expect(many.tokens == one.tokens && many.summary == one.summary)
    }
  }

  @Test func readsTokenIDs() throws {
    let scratch = try TemporaryFolder(["a.ids": Array("1 22\t3\r\n\n4 5\n6".utf8)])
    let corpus = try Corpus([scratch.path + "/a.ids"])
    let tokenizer = try TokenizerFixture("llama3").tokenizer
    let plain = try Chunker(reading: .ids(vocabularySize: 23, nil), chunkLength: 1)
      .chunks(of: corpus)
    #expect(plain.tokens == [1, 22, 3, 4, 5, 6] && plain.bos == nil)
    #expect(plain.summary.documents == 3)
    let bos = try Chunker(reading: .ids(vocabularySize: 23, tokenizer), chunkLength: 2)
      .chunks(of: corpus)
    #expect(bos.bos == tokenizer.automaticBOS && bos.count == 3)
    #expect(throws: CorpusError.noBOS) {
      try Chunker(reading: .ids(vocabularySize: 23, nil), chunkLength: 1, bos: .always)
    }
    let some = try Chunker(
      reading: .ids(vocabularySize: 23, nil), chunkLength: 1, maximumChunks: 1
    ).chunks(of: corpus)
    #expect(some.tokens == [1, 22])
  }

  @Test(arguments: [
    ("1 2\n 3 x4", 2, 4, "x4"), ("-1", 1, 1, "-1"), ("1.0", 1, 1, "1.0"), ("1,2", 1, 1, "1,2"),
  ])
  func refusesWhatIsNoID(text: String, line: Int, column: Int, word: String) throws {
    let scratch = try TemporaryFolder(["a.ids": Array(text.utf8)])
    let path = scratch.path + "/a.ids"
    let error = CorpusError.malformedID(
      word, at: CorpusError.Place(path: path, line: line, column: column))
    let chunker = try Chunker(reading: .ids(vocabularySize: 9, nil), chunkLength: 1)
    #expect(throws: error) { try chunker.chunks(of: Corpus([path])) }
    #expect(
      error.description
        == "\(path), line \(line), column \(column): '\(word)' is no token id")
  }

  @Test(arguments: ["9", "4294967296", "99999999999999999999999999999999999999999999999999"])
  func refusesIDsOutsideTheVocabulary(word: String) throws {
    let scratch = try TemporaryFolder(["a.ids": Array("8 \(word)".utf8)])
    let path = scratch.path + "/a.ids"
    let error = CorpusError.idOutsideVocabulary(
      String(word.prefix(40)), vocabulary: 9,
      at: CorpusError.Place(path: path, line: 1, column: 3))
    let chunker = try Chunker(reading: .ids(vocabularySize: 9, nil), chunkLength: 1)
    #expect(throws: error) { try chunker.chunks(of: Corpus([path])) }
  }

  @Test func saysHowManyTokensAreMissing() throws {
    let scratch = try TemporaryFolder(["a.txt": Array("a b".utf8), "b.txt": []])
    let count = try TokenizerFixture("llama3").tokenizer.encode("a b").count
    let corpus = try Corpus([scratch.path + "/a.txt"])
    for (bos, needed, fitting) in [(Chunker.BOS.never, 101, count - 1), (.always, 100, count)] {
      let error = CorpusError.tooShort(tokens: count, needed: needed, fitting: fitting)
      #expect(throws: error) { try chunker(100, bos).chunks(of: corpus) }
      #expect(error.description.hasSuffix("; --chunk-length \(fitting) would fit"))
      // The advice is true, and the longest that is.
      #expect(try chunker(fitting, bos).chunks(of: corpus).count == 1)
      #expect(throws: CorpusError.self) { try chunker(fitting + 1, bos).chunks(of: corpus) }
    }
    let one = try TemporaryFolder(["a.txt": Array("a".utf8)])
    #expect(throws: CorpusError.tooShort(tokens: 1, needed: 101, fitting: nil)) {
      try chunker(100).chunks(of: Corpus([one.path + "/a.txt"]))
    }
    #expect(throws: CorpusError.empty) {
      try chunker(100).chunks(of: Corpus([scratch.path + "/b.txt"]))
    }
    #expect(throws: CorpusError.noEOS) { try chunker(1, eos: true) }
    #expect(throws: CorpusError.noBOS) { try chunker(1, .always, family: "gpt2") }
    #expect(try chunker(1, .auto, family: "gpt2").bos == nil)
  }
}
