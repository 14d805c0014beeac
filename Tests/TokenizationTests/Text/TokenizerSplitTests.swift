import Testing

@testable import ModelFiles
@testable import Tokenization

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
    try expectReference(TokenizerFile.parts(document.root).pretokenizer, family)
  }

  @Test(arguments: [
    ("gpt2", "gpt-2"), ("smollm2", "smollm"), ("llama3", "dbrx"), ("qwen2", "stablelm2"),
    ("tekken", "tekken"), ("deepseek", "deepseek-v3"), ("gpt4o", "gpt-4o"),
    ("deepseek-coder", "deepseek-coder"),
  ])
  func ggufNamesCutTheSame(family: String, name: String) throws {
    try expectReference(GGUFPretokenizer(named: name).pretokenizer, family)
  }

  private func expectReference(_ pretokenizer: Pretokenizer, _ family: String) throws {
    let splits = try TokenizerFixture.splits(family)
    let texts = try TokenizerFixture.json("strings.json").root.elements.compactMap(\.utf8)
    #expect(texts.count == 600)
    for (text, expected) in zip(texts, splits) {
      #expect(lengths(text, pretokenizer) == expected, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  private func lengths(_ text: [UInt8], _ pretokenizer: Pretokenizer) -> [Int32] {
    let scratch = EncodingScratch()
    text.withUnsafeBufferPointer {
      pretokenizer.encode($0, isBeginning: true, with: WordLengths(), to: scratch)
    }
    return scratch.takeIDs()
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
    expect(text, .split(pattern, keepsRest: true), words)
  }

  /// Patterns that the file spells, as `pre_tokenize_str` of the reference takes them.
  @Test(arguments: [
    (#"\s?\p{L}+"#, "ab  cd\u{3000}é1 ", ["ab", " ", " cd", "\u{3000}é", "1 "]),
    // Where nothing follows the lead, it is itself the run.
    (#"[ab]?[bc]+"#, "abcb aab", ["abcb", " a", "ab"]),
    (#"[ab]?[bc]{2,3}"#, "bcab abcbcb", ["bc", "ab ", "abcb", "cb"]),
    (#"\p{N}{2}"#, "12345", ["12", "34", "5"]),
    (#" ?[^(\s.,!?…。，、।۔،]+"#, "Go to, it!", ["Go", " to", ",", " it", "!"]),
    (
      "[一-龥ࠀ-一\u{AC00}-\u{D7FF}]+", "a字か한ab\u{800}\u{7FF}",
      ["a", "字か한", "ab", "\u{800}", "\u{7FF}"]
    ),
    (#"[\]\-a-cé\t&]+"#, "]-bé\t&d", ["]-bé\t&", "d"]),
    ("[\r\n]", "a\r\n\nb", ["a", "\r", "\n", "\n", "b"]),
    (#"[^\p{L}\p{N}]{1,2}"#, "a...b", ["a", "..", ".", "b"]),
    (#"\$?[\p{Lu}\p{Ll}]+"#, "a$Bc$$d", ["a", "$Bc", "$", "$d"]),
    ("[^ab«]+", "a«é…b", ["a«", "é…", "b"]),
    ("x", "axxb", ["a", "x", "x", "b"]),
    ("\u{10000}+", "\u{10000}\u{10000}\u{10001}", ["\u{10000}\u{10000}", "\u{10001}"]),
  ])
  func cutsAtRuns(regex: String, text: String, words: [String]) throws {
    let run = try #require(ClassRun(regex: regex))
    expect(text, .runs(run, keepsRest: true), words)
  }

  /// Longer patterns, and spellings that are refused rather than guessed at.
  @Test(arguments: [
    "", "+", "a*", "a|b", "ab", "a?", "a?b?c", "(a)", "a++", "a+?", ".", "a{0,2}", "a{3,2}",
    "a{1,}", "a{,2}", "a{1,17}", "a{99999}", "a{", "[", "[]", "[a", "[]a]", "[^]", "[a-", "[a-]",
    "[-a]", "[b-a]", "[a-c-e]", #"[\s-a]"#, #"[a-\s]"#, "[[a]]", "[[:alpha:]]", "[a&&b]", #"\d"#,
    #"\w+"#, #"\S"#, #"\P{L}"#, #"\p{Nd}"#, #"\p{^L}"#, #"\p{L"#, #"\pL"#, #"\x41"#, #"\"#, "^a",
    "a$", "(?i)a", #"\p{L}+ "#,
  ])
  func readsNoOtherForm(regex: String) {
    #expect(ClassRun(regex: regex) == nil)
  }

  @Test func readsNoEndlessClass() {
    #expect(ClassRun(regex: "[\(String(repeating: "a", count: 4096))]+") != nil)
    #expect(ClassRun(regex: "[\(String(repeating: "a", count: 4097))]+") == nil)
  }

  private func expect(_ text: String, _ step: Pretokenizer.Step, _ words: [String]) {
    #expect(
      lengths(Array(text.utf8), Pretokenizer(steps: [step]))
        == words.map { Int32($0.unicodeScalars.count) })
  }
}
