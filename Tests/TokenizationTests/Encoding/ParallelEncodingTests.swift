import Testing

@testable import ModelFiles
@testable import Tokenization

@Suite struct ParallelEncodingTests {
  /// Nasty strings with every kind of neighbour of a cut.
  private static func text(_ fixture: TokenizerFixture) -> [UInt8] {
    Array(fixture.texts.prefix(300).joined(separator: " don't cut it's here word ").utf8)
  }

  @Test(arguments: TokenizerFixture.families.filter { $0 != "neox" })
  func partsGiveTheIDsOfTheWhole(family: String) throws {
    let fixture = try TokenizerFixture(family)
    let text = Self.text(fixture)
    let parts = text.withUnsafeBufferPointer { fixture.tokenizer.cuts.parts(of: $0, size: 8) }
    #expect(parts.count > 500)
    #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == text.count)
    #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    let joined = parts.flatMap { fixture.tokenizer.encode(Array(text[$0])) }
    #expect(joined == fixture.tokenizer.encode(text))
  }

  @Test func threadsDoNotChangeTheIDs() throws {
    let fixture = try TokenizerFixture("llama3")
    let text = Array(repeating: Self.text(fixture), count: 30).flatMap(\.self)
    #expect(text.count > 4 * Tokenizer.partSize)
    let all = fixture.tokenizer.encode(text)
    for threads in [2, 3, 8] {
      #expect(fixture.tokenizer.encode(text, threads: threads) == all)
      let some = fixture.tokenizer.encode(text, limit: 20_000, threads: threads)
      #expect(some.count >= 20_000 && some.count < all.count)
      #expect(some[...] == all.prefix(some.count))
    }
  }

  /// Whether a text may be cut is known from the tokenizer's parts alone.
  @Test func onlySafeTokenizersCut() throws {
    func cuts(_ change: (inout Tokenizer.Parts) -> Void) throws -> Bool {
      var parts = try TokenizerFile.parts(TokenizerFixture.json("qwen2.json").root)
      change(&parts)
      return parts.cuts.beforeSpaces
    }
    #expect(try cuts { _ in })
    #expect(try !cuts { $0.normalizer = TextNormalizer([.prepend([0x20])]) })
    #expect(try !cuts { $0.pretokenizer.steps.insert(.prefixSpace, at: 0) })
    #expect(try !cuts { $0.pretokenizer.steps = [.digits(individual: true)] })
    let (letters, spaced) = (ScalarClass(.letter), ScalarClass([.letter, .space]))
    #expect(try cuts { $0.pretokenizer.steps = [.runs(ClassRun(letters), keepsRest: true)] })
    #expect(
      try !cuts { $0.pretokenizer.steps = [.runs(ClassRun(letters, 1...3), keepsRest: true)] })
    #expect(try !cuts { $0.pretokenizer.steps.append(.runs(ClassRun(spaced), keepsRest: true)) })
    #expect(
      try !cuts { $0.addedTokens.append(AddedToken(content: Array("a b".utf8), id: 9)) })
    #expect(
      try !cuts {
        $0.addedTokens.append(AddedToken(content: [0x61], id: 9, stripsRight: true))
      })
    // At the start of a part no letter forbids it.
    #expect(
      try !cuts {
        $0.addedTokens.append(AddedToken(content: [0x20, 0x61], id: 9, isSingleWord: true))
      })
    #expect(try cuts { $0.addedTokens.append(AddedToken(content: [0x20, 0x61], id: 9)) })
    #expect(
      try cuts { $0.addedTokens.append(AddedToken(content: [0x61], id: 9, isSingleWord: true)) })
    for family in ["neox", "llama2", "metaspace", "gemma", "unigram"] {
      let parts = try TokenizerFile.parts(TokenizerFixture.json("\(family).json").root)
      #expect(!parts.cuts.beforeSpaces, "\(family)")
    }
  }
}
