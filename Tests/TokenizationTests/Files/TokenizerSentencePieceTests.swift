import Foundation
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

@Suite struct TokenizerSentencePieceTests {
  private static let families = [
    "llama2", "metaspace", "gemma", "unigram", "spm-bpe", "spm-unigram",
  ]

  @Test(arguments: families)
  func idsAndTextEqualTheReference(family: String) throws {
    let fixture = try TokenizerFixture(family)
    #expect(fixture.ids.count >= 250)
    for index in 0..<250 {
      let text = fixture.texts[index]
      let ids = fixture.tokenizer.encode(text)
      #expect(ids == fixture.ids[index], "\(text.debugDescription)")
      #expect(
        Array(fixture.tokenizer.decode(ids).utf8) == Array(fixture.decoded[index].utf8),
        "\(text.debugDescription)")
    }
  }

  /// All runs of spaces have one score, as in Mistral's vocabularies; lengths of the pieces by the
  /// SentencePiece library.
  @Test(arguments: [
    (3, [4, 1]), (16, [16, 1, 1]), (17, [16, 2, 1]), (20, [16, 5, 1]), (31, [16, 16, 1]),
    (33, [16, 16, 2, 1]), (47, [16, 16, 16, 1]), (64, [16, 16, 16, 16, 1, 1]),
  ])
  func mergesRunsOfSpaces(spaces: Int, lengths: [Int]) throws {
    let tokenizer = try TokenizerFixture.tokenizer("spm-bpe")
    let ids = tokenizer.encode(String(repeating: " ", count: spaces) + "x")
    #expect(ids.map { tokenizer.piece($0)?.count } == lengths)
  }

  /// By the library: one leading space goes, all of them where normalization removes extra ones.
  @Test(arguments: [("spm-unigram", "t"), ("spm-bpe", " t")])
  func decodingDropsWhatTextBeginsWith(family: String, expected: String) throws {
    let tokenizer = try TokenizerFixture.tokenizer(family)
    let ids = try ["▁", "▁", "t"].map { try #require(tokenizer.id(ofPiece: $0)) }
    #expect(tokenizer.decode(ids) == expected)
  }

  /// Small clusters are replaced whole by the shortest entry they begin with, as in the reference;
  /// the SentencePiece library takes the longest and keeps what follows.
  @Test(arguments: [
    ("a\u{308}\u{323}", "\u{E4}", "\u{1EA1}\u{308}"), ("\u{FB00}\u{301}x", "ffx", "ff\u{301}x"),
    ("\u{BD}\u{323}", "1\u{2044}2", "1\u{2044}2\u{323}"), ("\u{1}\u{FF21}", "A", "A"),
  ])
  func replacesCharacters(text: String, reference: String, library: String) throws {
    let file = try TokenizerFixture.json("unigram.json").root
    let encoded = try #require(
      file["normalizer"]?["normalizers"]?.elements.first?["precompiled_charsmap"]?.utf8)
    let map = try CharacterMap(base64: encoded)
    var text = text
    let normalized = text.withUTF8 { map.normalized($0) } ?? []
    #expect(normalized == Array(reference.utf8))
    let normalizer = SentencePieceNormalizer(map: map, addsPrefix: false)
    #expect(text.withUTF8 { normalizer.normalized($0) } == Array(library.utf8))
  }

  @Test func aSentencePieceFileNamesItsEnds() throws {
    let pairs = try TokenizerFixture("spm-bpe").tokenizer
    #expect(pairs.specialPrefix == [1])
    #expect(pairs.bosID == 1)
    #expect(pairs.eosID == 2)
    #expect(pairs.isSpecial(0))
    #expect(pairs.piece(3) == "<tool>")
    #expect(!pairs.isSpecial(3))
    let unigram = try TokenizerFixture("spm-unigram").tokenizer
    #expect(unigram.specialPrefix == [])
    #expect(unigram.bosID == 1)
  }

  @Test func aFolderMayHoldASentencePieceFileAlone() throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFixture.bytes("spm-bpe.model"), to: "tokenizer.model")
    #expect(try Tokenizer.load(directory: folder.path).specialPrefix == [1])
    try folder.write(
      #"{"add_bos_token":false,"add_eos_token":true,"eos_token":"<tool>"}"#,
      to: "tokenizer_config.json")
    let configured = try Tokenizer.load(directory: folder.path)
    #expect(configured.specialPrefix == [])
    #expect(configured.specialSuffix == [2])
    #expect(configured.eosID == 3)
  }

  /// Whatever is broken in it, a file is read or refused; nothing traps.
  @Test func brokenFilesAreRefusedOrRead() throws {
    for name in ["spm-bpe.model", "spm-unigram.model"] {
      let sound = try TokenizerFixture.bytes(name)
      var mutator = Mutator(seed: 5)
      for _ in 0..<60 {
        let bytes = mutator.mutate(sound)
        let read = bytes.withUnsafeBytes { bytes in
          try? SentencePieceFile.vocabulary(bytes).parts()
        }
        if let read { _ = Tokenizer(read).encode("a ﬁne e\u{301} test\u{3000}ﷺ") }
      }
    }
  }

  @Test(
    arguments: [
      ([0x0A], TokenizerProblem.malformedModelFile(offset: 1)),
      ([0x0A, 0x05, 0x0A], .malformedModelFile(offset: 1)),
      ([0x0B], .malformedModelFile(offset: 0)),
      ([0x02, 0x00], .malformedModelFile(offset: 0)),
      ([UInt8](repeating: 0xFF, count: 12), .malformedModelFile(offset: 10)),
      ([], .emptyVocabulary),
      ([0x0A, 0x00], .wrongType(field: "piece 0", expected: "not empty")),
      ([0x0A, 0x05, 0x0A, 0x01, 0x61, 0x18, 0x09], .unsupported(part: "piece type", value: "9")),
      (
        [0x0A, 0x03, 0x0A, 0x01, 0x61, 0x12, 0x02, 0x18, 0x03],
        .unsupported(part: "trainer_spec.model_type", value: "3")
      ),
      (
        [0x0A, 0x03, 0x0A, 0x01, 0x61, 0x1A, 0x04, 0x12, 0x02, 0x08, 0x00],
        .malformedCharacterMap
      ),
    ] as [([UInt8], TokenizerProblem)])
  func refusesByName(bytes: [UInt8], expected: TokenizerProblem) {
    #expect(throws: expected) {
      try bytes.withUnsafeBytes { bytes throws(TokenizerProblem) in
        try SentencePieceFile.vocabulary(bytes)
      }
    }
  }

  /// Regional indicators pair up from the start of their run: seeking it anew for each would take
  /// minutes here.
  @Test func flagsTakeNoSquareOfTheirNumber() throws {
    let tokenizer = try TokenizerFixture.tokenizer("unigram")
    let text = String(repeating: "\u{1F1EB}\u{1F1F7}", count: 50_000)
    let clock = ContinuousClock()
    let time = clock.measure { _ = tokenizer.encode(text) }
    #expect(time < .seconds(10))
  }

  /// One word of 60,000 letters, with the heap that long words need.
  @Test func longWordsTakeNoSquareOfTheirLength() throws {
    let tokenizer = try TokenizerFixture("llama2").tokenizer
    let text = String(repeating: "thelayernorm", count: 5000)
    let clock = ContinuousClock()
    var ids: [Int32] = []
    let time = clock.measure { ids = tokenizer.encode(text) }
    #expect(tokenizer.decode(ids) == text)
    #expect(time < .seconds(10))
  }

  /// Text that merges cannot join is cut before marks; where a merge can, it is not.
  @Test func cutsOnlyWhereNoMergeJoins() throws {
    func tokens(_ merges: String, _ vocabulary: String) throws -> Tokenizer {
      let text = """
        {"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},"decoder":null,
         "model":{"type":"BPE","vocab":\(vocabulary),"merges":\(merges)}}
        """
      return Tokenizer(try TokenizerFile.parts(JSONDocument(parsing: Array(text.utf8)).root))
    }
    let vocabulary = #"{"a":0,"▁":1,"b":2,"▁b":3,"a▁":4,"a▁b":5,"▁▁":6}"#
    #expect(try tokens(#"["a ▁","a▁ b"]"#, vocabulary).encode("a b b a b") == [5, 1, 2, 1, 5])
    #expect(try tokens(#"["▁ b","a ▁b"]"#, vocabulary).encode("a b b") == [5, 3])
    #expect(try tokens(#"["▁ ▁","▁ b"]"#, vocabulary).encode("a  b   b") == [0, 6, 2, 6, 3])
  }
}

@Suite struct ScoredVocabularyTests {
  private static func vocabulary() -> ScoredVocabulary {
    ScoredVocabulary(
      pieces: ["<unk>", "<s>", "a", "b", "ab", "ba", "▁", "▁a", "aba", "<0x0A>", "<x>"].map {
        Array($0.utf8)
      },
      scores: [0, 0, -9, -9, -1, -1, -9, -2, -3, 0, -5],
      kinds: [
        .unknown, .control, .normal, .normal, .normal, .normal, .normal, .normal, .normal, .byte,
        .userDefined,
      ])
  }

  /// Of equal scores the piece with the smaller id comes first; what `tokenizers` gives for the
  /// merges "a b", "b a", "▁ a", "a ba", "ab a".
  @Test func mergesFollowFromScores() throws {
    var vocabulary = Self.vocabulary()
    vocabulary.bosID = 1
    let tokenizer = Tokenizer(try vocabulary.parts())
    #expect(tokenizer.encode("aba") == [6, 8])
    #expect(tokenizer.encode("b\nb a<x>a") == [6, 3, 9, 3, 7, 10, 7])
    #expect(tokenizer.encode("zéa<s>") == [6, 0, 2, 1])
    #expect(tokenizer.specialPrefix == [1])
    #expect(tokenizer.decode([7, 9, 6, 3]) == "a\n b")
    vocabulary.normalizer.addsPrefix = false
    #expect(Tokenizer(try vocabulary.parts()).encode("a a") == [2, 7])
    #expect(Tokenizer(try vocabulary.parts()).decode([7]) == " a")
  }

  @Test func refusesWhatContradictsItself() {
    var vocabulary = Self.vocabulary()
    vocabulary.scores[3] = .nan
    #expect(
      throws: TokenizerProblem.wrongType(field: "the score of piece 3", expected: "finite")
    ) { try vocabulary.parts() }
    vocabulary = Self.vocabulary()
    vocabulary.pieces[2] = [UInt8](repeating: 0x61, count: 1025)
    #expect(throws: TokenizerProblem.pieceTooLong(limit: 1024)) { try vocabulary.parts() }
    vocabulary = Self.vocabulary()
    vocabulary.pieces[2] = [0xFF]
    #expect(throws: TokenizerProblem.wrongType(field: "piece 2", expected: "UTF-8")) {
      try vocabulary.parts()
    }
    vocabulary = Self.vocabulary()
    vocabulary.bosID = 11
    #expect(
      throws: TokenizerProblem.specialIDOutOfRange(field: "bos_token_id", id: 11)
    ) { try vocabulary.parts() }
    #expect(throws: TokenizerProblem.emptyVocabulary) {
      try ScoredVocabulary(pieces: [], scores: [], kinds: []).parts()
    }
  }

  /// As `added_tokens.json` has them beside the `tokenizer.model` of a fine-tuned model.
  @Test func tokensAreAddedToIt() throws {
    let list = try JSONDocument(parsing: Array(#"{"[PAD]":11,"<s>":1}"#.utf8)).root
    let added = try DeclaredTokens(configuration: nil, list: list)
    let tokenizer = Tokenizer(try Self.vocabulary().parts(added: added))
    #expect(tokenizer.encode("a[PAD]<s>") == [7, 11, 1])
    #expect(tokenizer.vocabularySize == 12 && tokenizer.isSpecial(1))
    let other = try JSONDocument(parsing: Array(#"{"[PAD]":12}"#.utf8)).root
    #expect(throws: TokenizerProblem.declaredID(token: "[PAD]", id: 12)) {
      try Self.vocabulary().parts(added: DeclaredTokens(configuration: nil, list: other))
    }
  }

  @Test func readsFromGGUF() throws {
    func metadata(types: [UInt32], spacePrefix: Bool) throws -> GGUFMetadata {
      var builder = GGUFBuilder()
      builder.isHeaderOnly = true
      builder.set("general.architecture", "llama")
      builder.set("tokenizer.ggml.model", "llama")
      builder.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "a", "▁", "▁a", "b", "ab"])
      let scores: [Float] = [0, 0, -5, -5, -1, -5, -2]
      builder.pair(
        "tokenizer.ggml.scores", 9,
        GGUFBuilder.array(6, scores.count, scores.flatMap { littleEndian($0.bitPattern) }))
      builder.set("tokenizer.ggml.token_type", types)
      builder.set("tokenizer.ggml.bos_token_id", UInt32(1))
      builder.pair("tokenizer.ggml.add_space_prefix", 7, [spacePrefix ? 1 : 0])
      let folder = try TemporaryFolder()
      let path = try folder.write(builder.bytes, to: "v.gguf")
      return try #require(try Checkpoint.open(path).gguf)
    }
    let types: [UInt32] = [2, 3, 1, 1, 1, 1, 1]
    let prefixed = try Tokenizer.load(
      gguf: metadata(types: types, spacePrefix: true), path: "v.gguf")
    #expect(prefixed.encode("ab ab") == [4, 5, 4, 5])
    #expect(prefixed.automaticBOS == 1)
    let plain = try Tokenizer.load(
      gguf: metadata(types: types, spacePrefix: false), path: "v.gguf")
    #expect(plain.encode("ab ab") == [6, 4, 5])
    #expect(throws: TokenizerError(path: "v.gguf", problem: .nothingToSplit(pre: "qwen2"))) {
      try Tokenizer.load(
        gguf: metadata(types: types, spacePrefix: true), path: "v.gguf", pre: "qwen2")
    }
    #expect(throws: TokenizerError.self) {
      try Tokenizer.load(gguf: metadata(types: [7, 3, 1, 1, 1, 1, 1], spacePrefix: true), path: "")
    }
  }
}
