import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

@Suite struct TokenizerGeneratedTests {
  private static let families =
    TokenizerFixture.families
    + ["llama2", "metaspace", "gemma", "unigram", "spm-bpe", "spm-unigram"]

  /// Five thousand strings, ten a hash.
  @Test(arguments: families)
  func idsAndTextEqualTheReference(family: String) throws {
    try GeneratedStrings.expectReference(TokenizerFixture.tokenizer(family), family)
  }

  /// A vocabulary gives the same from a GGUF file as from its own.
  @Test(arguments: [
    ("gpt2", "gpt-2"), ("smollm2", "smollm"), ("llama3", "llama-bpe"), ("qwen2", "qwen2"),
    ("tekken", "tekken"), ("deepseek", "deepseek-v3"),
    ("deepseek-coder", "deepseek-coder"),
  ])
  func ggufFilesEqualTheReference(family: String, pre: String) throws {
    let root = try TokenizerFixture.json("\(family).json").root
    let model = try #require(root["model"])
    let added = root["added_tokens"]?.elements ?? []
    var pieces: [Int: String] = [:]
    for (piece, id) in model["vocab"]?.members ?? [] { pieces[try #require(id.int)] = piece }
    var types: [Int: UInt32] = [:]
    for token in added {
      let id = try #require(token["id"]?.int)
      pieces[id] = token["content"]?.string
      types[id] = token["special"]?.bool == true ? 3 : 4
    }
    var builder = GGUFBuilder()
    builder.isHeaderOnly = true
    builder.set("general.architecture", "llama")
    builder.set("tokenizer.ggml.model", "gpt2")
    builder.set("tokenizer.ggml.pre", pre)
    builder.set("tokenizer.ggml.tokens", try (0..<pieces.count).map { try #require(pieces[$0]) })
    builder.set("tokenizer.ggml.token_type", (0..<pieces.count).map { types[$0] ?? 1 })
    builder.set(
      "tokenizer.ggml.merges",
      (model["merges"]?.elements ?? []).map { merge in
        merge.string ?? merge.elements.compactMap(\.string).joined(separator: " ")
      })
    try GeneratedStrings.expectReference(tokenizer(builder), family)
  }

  @Test func scoredGGUFFilesEqualTheReference() throws {
    let file = try TokenizerFixture.bytes("spm-bpe.model")
    let vocabulary = try file.withUnsafeBytes { bytes in
      Result { () throws(TokenizerProblem) in try SentencePieceFile.vocabulary(bytes) }
    }.get()
    var builder = GGUFBuilder()
    builder.isHeaderOnly = true
    builder.set("general.architecture", "llama")
    builder.set("tokenizer.ggml.model", "llama")
    builder.set(
      "tokenizer.ggml.tokens", vocabulary.pieces.map { String(decoding: $0, as: UTF8.self) })
    builder.pair(
      "tokenizer.ggml.scores", 9,
      GGUFBuilder.array(
        6, vocabulary.scores.count, vocabulary.scores.flatMap { littleEndian($0.bitPattern) }))
    builder.set("tokenizer.ggml.token_type", vocabulary.kinds.map { UInt32($0.rawValue) })
    try GeneratedStrings.expectReference(tokenizer(builder), "spm-bpe")
  }

  private func tokenizer(_ builder: GGUFBuilder) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    let path = try folder.write(builder.bytes, to: "vocabulary.gguf")
    return try Tokenizer.load(gguf: #require(try Checkpoint.open(path).gguf), path: path)
  }
}
