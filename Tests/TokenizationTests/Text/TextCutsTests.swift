import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

@Suite struct TextCutsTests {
  private static let families =
    TokenizerFixture.families + [
      "llama2", "gemma", "metaspace", "unigram", "spm-bpe", "spm-unigram",
    ]

  /// What may stand around a cut: letters of all sorts, marks, signs, digits, every white space.
  private static let alphabet = [
    "a", "ab", "the", "Zed", "an end", "é", "e\u{301}", "字", "文字", "か", "ш", " ", "  ", "\n",
    "\r\n", "\r",
    "\t", "\u{3000}", "\u{A0}", "。", "，", "、", ".", "\"", "'", "'s", "'S", "-", "/", "1", "23", "·",
    "・", "\u{301}", "\u{1}", "<s>", "\u{2581}",
  ]

  private static func cuts(of text: [UInt8], by cuts: TextCuts) -> [Int] {
    text.withUnsafeBufferPointer { cuts.parts(of: $0, size: 1) }.dropFirst().map(\.lowerBound)
  }

  /// Cutting at any one place gives the ids of the whole, whatever stands there.
  @Test(arguments: families)
  func everyCutIsExact(family: String) throws {
    let tokenizer = try TokenizerFixture.tokenizer(family)
    var random = Mutator(seed: 7)
    var count = 0
    for _ in 0..<400 {
      let pieces = (0..<24).map { _ in Self.alphabet[random.next(below: Self.alphabet.count)] }
      let text = Array(pieces.joined().utf8)
      let whole = tokenizer.encode(text)
      for cut in Self.cuts(of: text, by: tokenizer.cuts) {
        count += 1
        let first = tokenizer.encode(Array(text[..<cut]))
        let rest = tokenizer.encode(
          Array(text[cut...]), limit: .max, threads: 1, continuing: true)
        #expect(
          first + rest == whole, "\(String(decoding: text, as: UTF8.self).debugDescription), \(cut)"
        )
      }
    }
    #expect(tokenizer.cuts.isEmpty == (count == 0))
  }

  /// Each kind of text has places to cut.
  @Test(arguments: [
    ("some running text", "smollm2", 2), ("Uno\nDue\n\nTre", "smollm2", 1),
    ("Uno\r\nDue\r\nTre", "smollm2", 2), ("Uno\r\nDue\r\nTre", "llama3", 2),
    ("\u{3000}他说，好。\n\u{3000}字", "smollm2", 2), ("\u{3000}他说，好。\n\u{3000}字", "deepseek", 2),
    ("他说\n字", "qwen2", 1), ("他说，好。\n字", "deepseek-coder", 0), ("some text", "deepseek-coder", 1),
    ("some running text", "spm-bpe", 2), ("Uno\nDue", "spm-bpe", 0), ("aaaa", "llama3", 0),
  ])
  func textsHavePlacesToCut(text: String, family: String, count: Int) throws {
    let tokenizer = try TokenizerFixture.tokenizer(family)
    #expect(Self.cuts(of: Array(text.utf8), by: tokenizer.cuts).count == count)
  }

  @Test func findsTheLastCut() throws {
    let cuts = TextCuts(beforeSpaces: true)
    func last(_ text: String, from: Int = 0) -> Int? {
      Array(text.utf8).withUnsafeBufferPointer { cuts.last(in: $0, from: from) }
    }
    #expect(last("one two three") == 7)
    // What comes may be no letter.
    #expect(last("one two ") == 3)
    #expect(last("onetwo") == nil && last("") == nil && last(" ") == nil)
    #expect(last("one two three", from: 30) == nil)
  }

  /// Line cuts and stops are left out where an added token could reach over them.
  @Test func addedTokensForbidCuts() throws {
    func cuts(_ token: AddedToken) throws -> TextCuts {
      var parts = try TokenizerFile.parts(TokenizerFixture.json("qwen2.json").root)
      parts.addedTokens.append(token)
      return parts.cuts
    }
    func token(_ text: String) -> AddedToken { AddedToken(content: Array(text.utf8), id: 9) }
    #expect(try cuts(token("<x>")).behindLines && cuts(token("<x>")).beforeStops)
    #expect(try cuts(token("\n\n")).behindLines)
    #expect(try !cuts(token("\nA")).behindLines && !cuts(token("\r\n")).behindLines)
    #expect(try !cuts(token("字。")).beforeStops)
    var stripping = token("A")
    stripping.stripsLeft = true
    #expect(try !cuts(stripping).behindLines)
    var word = token("\n")
    word.isSingleWord = true
    #expect(try !cuts(word).behindLines)
    word.content = Array("。".utf8)
    #expect(try !cuts(word).beforeStops)
    var right = token("<x>")
    right.stripsRight = true
    #expect(try !cuts(right).behindLines)
  }

  /// A vocabulary of characters is cut only where no token can end or be found at a cut.
  @Test func charactersAreCutWithCare() throws {
    func cuts(_ change: (inout Tokenizer.Parts) -> Void) throws -> Bool {
      var parts = try Self.characters()
      change(&parts)
      return !parts.cuts.isEmpty
    }
    #expect(try cuts { _ in })
    #expect(try !cuts { $0.addedTokens.append(AddedToken(content: Array("abc".utf8), id: 9)) })
    #expect(try cuts { $0.addedTokens.append(AddedToken(content: Array("ABC".utf8), id: 9)) })
    #expect(
      try !cuts {
        $0.addedTokens.append(AddedToken(content: Array(" X".utf8), id: 9, isNormalized: true))
      })
    #expect(try !cuts { $0.normalizer = TextNormalizer([.prepend([0x20])]) })
    #expect(try !cuts { $0.pretokenizer.steps = [.literal([0x61], .isolated)] })
  }

  /// Byte-pair encoding of characters as SentencePiece trains it, within words.
  private static func characters() throws -> Tokenizer.Parts {
    let bytes = try TokenizerFixture.bytes("spm-bpe.model")
    return try bytes.withUnsafeBytes { try SentencePieceFile.vocabulary($0) }.parts()
  }

  @Test func incompleteCharactersAreHeldBack() {
    func held(_ bytes: [UInt8]) -> Int { bytes.withUnsafeBufferPointer(UTF8Scan.incompleteSuffix) }
    #expect(held([]) == 0 && held([0x61]) == 0 && held(Array("é字😀".utf8)) == 0)
    #expect(held([0x61, 0xC3]) == 1 && held([0xE5]) == 1 && held([0xE5, 0xAD]) == 2)
    #expect(held([0xF0, 0x9F, 0x98]) == 3 && held([0xF0, 0x9F]) == 2)
    // No character begins so, whatever follows.
    #expect(held([0xC0]) == 0 && held([0xE0, 0x80]) == 0 && held([0xF4, 0x90]) == 0)
    #expect(held([0xED, 0xA0]) == 0 && held([0x80, 0x80]) == 0 && held([0xFF]) == 0)
    #expect(held([0xC3, 0xA9, 0xA9]) == 0)
  }
}
