import Foundation
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

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

  /// Expected ids are those of transformers 5.23 for the same folder.
  @Test func tokensAreAddedToTheOlderPair() throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{"a":0,"1":1,"Ġ":2,"Ġa":3,"<|endoftext|>":4}"#, to: "vocab.json")
    try folder.write("#version: 0.2\nĠ a\n", to: "merges.txt")
    func tokens(_ configuration: String) throws -> Tokenizer {
      try folder.write(configuration, to: "tokenizer_config.json")
      return try Tokenizer.load(directory: folder.path)
    }
    let tokenizer = try tokens(
      #"""
      {"tokenizer_class":"Qwen2Tokenizer","eos_token":"<|im_end|>","added_tokens_decoder":{
       "6":{"content":"<tool>","lstrip":true,"normalized":false,"special":false},
       "5":{"content":"<|im_end|>","normalized":false,"special":true},
       "4":{"content":"<|endoftext|>","normalized":false,"special":true}}}
      """#)
    #expect(tokenizer.encode("a <tool> a<|im_end|><|endoftext|>1") == [0, 6, 3, 5, 4, 1])
    #expect(tokenizer.eosID == 5 && tokenizer.isSpecial(5) && !tokenizer.isSpecial(6))
    #expect(tokenizer.vocabularySize == 7)
    for (id, token) in [("7", "<x>"), ("3", "<x>"), ("0", "1"), ("x", "<x>")] {
      let problem: TokenizerProblem =
        id == "x"
        ? .idOutOfRange(piece: token, limit: PieceTable.idLimit)
        : .declaredID(token: token, id: Int(id) ?? 0)
      #expect(
        throws: TokenizerError(
          path: folder.path + (id == "x" ? "/tokenizer_config.json" : "/vocab.json"),
          problem: problem)
      ) { try tokens(#"{"added_tokens_decoder":{"\#(id)":{"content":"\#(token)"}}}"#) }
    }
    #expect(
      throws: TokenizerError(
        path: folder.path + "/tokenizer_config.json",
        problem: .unsupported(part: "add_prefix_space without tokenizer.json", value: "true"))
    ) { try tokens(#"{"add_prefix_space":true}"#) }
    try folder.write(#"{"<y>":6,"<x>":5}"#, to: "added_tokens.json")
    #expect(try tokens("{}").encode("a<y><x>") == [0, 6, 5])
    try folder.write("[]", to: "added_tokens.json")
    #expect(
      throws: TokenizerError(
        path: folder.path + "/added_tokens.json",
        problem: .wrongType(field: "added_tokens.json", expected: "object"))
    ) { try tokens("{}") }
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
