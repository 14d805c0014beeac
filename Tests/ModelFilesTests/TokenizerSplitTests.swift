import Testing

@testable import ModelFiles

/// Gives the number of scalars of each word for its id.
private final class WordLengths: SubwordModel {
  func append(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch
  ) {
    let bytes = UnsafeBufferPointer(start: word, count: length)
    scratch.append(UInt32(bytes.count { !UTF8Scan.isContinuation($0) }))
  }
}

@Suite struct TokenizerSplitTests {
  private static let families = TokenizerFixture.families.filter { $0 != "neox" }

  @Test(arguments: families)
  func wordsEqualTheReference(family: String) throws {
    let document = try TokenizerFixture.json("\(family).json")
    let pretokenizer = try TokenizerFile.parts(document.root).pretokenizer
    let splits = try TokenizerFixture.splits(family)
    let texts = try TokenizerFixture.json("strings.json").root.elements.compactMap(\.utf8)
    #expect(texts.count == 600)
    let scratch = EncodingScratch()
    for (text, expected) in zip(texts, splits) {
      text.withUnsafeBufferPointer {
        pretokenizer.encode($0, isBeginning: true, with: WordLengths(), to: scratch)
      }
      #expect(scratch.takeIDs() == expected, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  /// Words of the patterns at their edges, as `pre_tokenize_str` of the reference cuts them.
  @Test(arguments: [
    (SplitPattern.gpt2, "''s 'S\u{3000} x", ["''", "s", " '", "S", "\u{3000}", " x"]),
    (
      .llama3, "I'ſx 'Ll1234\r\n\r\n .\n",
      ["I", "'ſ", "x", " '", "Ll", "123", "4", "\r\n\r\n", " .\n"]
    ),
    (.qwen2, "a\t b12", ["a", "\t", " b", "1", "2"]),
    (
      .gpt4o, "It'SX they'll' 'll\u{301}'ſ 1234HTMLPage'x/\n",
      ["It'S", "X", " they'll", "'", " '", "ll\u{301}'ſ", " ", "123", "4", "HTMLPage", "'x", "/\n"]
    ),
    (.tekken, "\u{301}AB1HTMLPage/\n", ["\u{301}", "AB", "1", "HTMLPage", "/\n"]),
  ])
  func cutsAtEdges(pattern: SplitPattern, text: String, words: [String]) {
    let pretokenizer = Pretokenizer(steps: [.split(pattern, keepsRest: true)])
    let scratch = EncodingScratch()
    var text = text
    text.withUTF8 {
      pretokenizer.encode($0, isBeginning: true, with: WordLengths(), to: scratch)
    }
    #expect(scratch.takeIDs() == words.map { Int32($0.unicodeScalars.count) })
  }
}
