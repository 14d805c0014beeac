import Testing

@testable import ModelFiles

@Suite struct TokenizerGeneratedTests {
  private static let families =
    TokenizerFixture.families + ["llama2", "metaspace", "gemma", "unigram", "spm-bpe"]

  private func hash(_ values: [UInt64]) -> UInt64 {
    values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01B3 }
  }

  /// Five thousand strings, ten a hash.
  @Test(arguments: families)
  func idsAndTextEqualTheReference(family: String) throws {
    let tokenizer =
      family.hasPrefix("spm-")
      ? try Tokenizer.load(sentencePiece: TokenizerFixture.path("\(family).model"))
      : try Tokenizer.load(tokenizerJSON: TokenizerFixture.path("\(family).json"))
    var strings = try GeneratedStrings()
    let lines = try TokenizerFixture.bytes("\(family).generated").split(separator: 0x0A)
    #expect(lines.count == 500)
    for line in lines {
      var values: [UInt64] = []
      var texts: [String] = []
      for _ in 0..<10 {
        let text = strings.next()
        texts.append(text)
        let ids = tokenizer.encode(text)
        values.append(UInt64(ids.count))
        values += ids.map { UInt64($0) }
        if !family.hasPrefix("spm-") { values += tokenizer.decode(ids).utf8.map(UInt64.init) }
      }
      #expect(
        UInt64(String(decoding: line, as: UTF8.self), radix: 16) == hash(values), "\(texts)")
    }
  }
}
