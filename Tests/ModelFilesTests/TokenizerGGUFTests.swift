import Foundation
import Testing

@testable import ModelFiles

private func vocabulary(pre: String = "smollm", types: [Int] = [1, 1, 1, 1, 3, 4, 1])
  -> GGUFVocabulary
{
  GGUFVocabulary(
    pieces: ["a", "1", "Ġ", "Ġa", "<s>", "  ", "11"].map { Array($0.utf8) },
    merges: ["Ġ a", "1 1"].map { Array($0.utf8) }, tokenTypes: types, pre: pre, bosID: 4, eosID: 4)
}

@Suite struct TokenizerGGUFTests {
  @Test func preNamesThePipeline() throws {
    let digits = Tokenizer(try vocabulary().parts())
    #expect(digits.encode("11 a<s>  a") == [1, 1, 3, 4, 5, 0])
    #expect(digits.automaticBOS == nil)
    #expect(digits.bosID == 4)
    #expect(digits.isSpecial(4))
    #expect(!digits.isSpecial(5))
    let plain = Tokenizer(try vocabulary(pre: "gpt-2").parts())
    #expect(plain.encode("11 a") == [6, 3])
    #expect(Tokenizer(try vocabulary(pre: "llama-bpe").parts()).automaticBOS == 4)
    for name in GGUFPretokenizer.names { _ = try GGUFPretokenizer(named: name) }
  }

  @Test func refusesWhatContradictsItself() {
    #expect(throws: TokenizerProblem.unknownPretokenizerName("x", known: GGUFPretokenizer.names)) {
      try vocabulary(pre: "x").parts()
    }
    #expect(
      throws: TokenizerProblem.countMismatch(
        field: "tokenizer.ggml.token_type", count: 1, expected: 7)
    ) { try vocabulary(types: [1]).parts() }
    var broken = vocabulary()
    broken.eosID = 7
    #expect(
      throws: TokenizerProblem.specialIDOutOfRange(field: "tokenizer.ggml.eos_token_id", id: 7)
    ) { try broken.parts() }
    broken = vocabulary()
    broken.pieces[1] = [0xFF]
    #expect(
      throws: TokenizerProblem.wrongType(field: "tokenizer.ggml.tokens", expected: "UTF-8")
    ) { try broken.parts() }
    broken = vocabulary()
    broken.merges = [Array(" a".utf8)]
    #expect(throws: TokenizerProblem.malformedMerge(index: 0)) { try broken.parts() }
  }

  @Test func readsTheOlderPairOfFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{"a":0,"1":1,"Ġ":2,"Ġa":3,"<|endoftext|>":4}"#, to: "vocab.json")
    try folder.write("#version: 0.2\nĠ a\n", to: "merges.txt")
    try folder.write(#"{"eos_token":{"content":"<|endoftext|>"}}"#, to: "tokenizer_config.json")
    let tokenizer = try Tokenizer.load(directory: folder.path)
    #expect(tokenizer.encode("a a<|endoftext|>1") == [0, 3, 4, 1])
    #expect(tokenizer.eosID == 4)
    try folder.write("{}", to: "tekken.json")
    try FileManager.default.removeItem(atPath: folder.path + "/merges.txt")
    #expect(throws: TokenizerError(path: folder.path, problem: .onlyTekken)) {
      try Tokenizer.load(directory: folder.path)
    }
  }
}
