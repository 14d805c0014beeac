import Foundation
import Testing

@testable import ModelFiles
@testable import Tokenization

@Suite struct TokenizerTests {
  @Test(arguments: TokenizerFixture.families)
  func idsAndTextEqualTheReference(family: String) throws {
    let fixture = try TokenizerFixture(family)
    #expect(fixture.texts.count == 600)
    #expect(fixture.ids.count == 600)
    for index in fixture.texts.indices {
      let text = fixture.texts[index]
      let ids = fixture.tokenizer.encode(text)
      #expect(ids == fixture.ids[index], "\(text.debugDescription)")
      #expect(
        Array(fixture.tokenizer.decode(ids).utf8) == Array(fixture.decoded[index].utf8),
        "\(text.debugDescription)")
    }
  }

  /// The cache, the scratch memory and the order of texts must not show.
  @Test func encodesAlikeTheSecondTime() throws {
    let fixture = try TokenizerFixture("neox")
    for index in fixture.texts.indices.reversed() {
      #expect(fixture.tokenizer.encode(fixture.texts[index]) == fixture.ids[index])
      #expect(fixture.tokenizer.encode(Array(fixture.texts[index].utf8)) == fixture.ids[index])
    }
  }

  @Test func encodesAlikeFromManyThreads() async throws {
    let fixture = try TokenizerFixture("smollm2")
    let (tokenizer, texts) = (fixture.tokenizer, fixture.texts)
    let results = await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<4 { group.addTask { texts.map { tokenizer.encode($0) } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for result in results { #expect(result == fixture.ids) }
  }

  @Test func aLimitGivesABeginning() throws {
    let fixture = try TokenizerFixture("llama3")
    let text = fixture.texts.joined(separator: " ")
    let all = fixture.tokenizer.encode(text)
    for limit in [1, 10, 1000, all.count, all.count + 1] {
      let some = fixture.tokenizer.encode(text, limit: limit)
      #expect(some.count >= min(limit, all.count))
      #expect(some.count < limit + 500)
      #expect(some[...] == all.prefix(some.count))
    }
  }

  /// Wherever among the steps of the pre-tokenizer the limit is met, nothing is left out before it.
  @Test(arguments: ["smollm2", "deepseek", "gemma"])
  func aLimitLeavesNoHole(family: String) throws {
    let tokenizer = try TokenizerFixture(family).tokenizer
    let text = "some words, and 12 more of them; 3 4 words: 56. 你好 7 done"
    let all = tokenizer.encode(text)
    for limit in 1...all.count {
      let some = tokenizer.encode(text, limit: limit)
      #expect(some.count >= limit && some[...] == all.prefix(some.count), "limit \(limit)")
    }
  }

  @Test func namesTokens() throws {
    let tokenizer = try TokenizerFixture("llama3").tokenizer
    let bos = try #require(tokenizer.id(ofPiece: "<|begin_of_text|>"))
    #expect(tokenizer.automaticBOS == bos)
    #expect(tokenizer.bosID == bos)
    #expect(tokenizer.specialPrefix == [bos])
    #expect(tokenizer.specialSuffix == [])
    #expect(tokenizer.isSpecial(bos))
    #expect(tokenizer.piece(bos) == "<|begin_of_text|>")
    #expect(tokenizer.vocabularySize == 1100)
    let the = try #require(tokenizer.encode(" the").first)
    #expect(tokenizer.piece(the) == "Ġthe")
    #expect(tokenizer.id(ofPiece: "Ġthe") == the)
    #expect(!tokenizer.isSpecial(the))
    #expect(tokenizer.encodeWithSpecialTokens(" the") == [bos, the])
    #expect(tokenizer.decode([bos, the, bos], skippingSpecialTokens: true) == " the")
    #expect(tokenizer.piece(1100) == nil)
    #expect(tokenizer.piece(-1) == nil)
    #expect(tokenizer.decode([-1, 5000, .max, .min, the]) == " the")
    #expect(tokenizer.id(ofPiece: "no such piece") == nil)
  }

  @Test func readsIllFormedTextAsReplacements() throws {
    let tokenizer = try TokenizerFixture("gpt2").tokenizer
    let bytes: [UInt8] = [0x61, 0xFF, 0xE4, 0xBD, 0x62, 0xF0, 0x9F, 0x98]
    #expect(tokenizer.encode(bytes) == tokenizer.encode("a\u{FFFD}\u{FFFD}b\u{FFFD}"))
  }

  @Test func refusesWhatIsNotThere() throws {
    let missing = #expect(throws: TokenizerError.self) {
      try Tokenizer.load(directory: "/nonexistent")
    }
    #expect(missing?.isMissingInput == true)
    #expect(
      missing?.description
        == "/nonexistent: no tokenizer.json, no vocab.json with merges.txt, and no tokenizer.model")
    let folder = #expect(throws: TokenizerError.self) {
      try Tokenizer.load(tokenizerJSON: Bundle.module.bundlePath)
    }
    #expect(folder?.problem == .file(.notARegularFile))
  }
}
