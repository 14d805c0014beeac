import Testing

@testable import ModelFiles

@Suite struct UnicodeTests {
  /// How many scalars the reference's regular expressions find in each class.
  @Test func classesHaveTheReferencesSizes() {
    let expected: [(UnicodeSet, Int)] = [
      (.upper, 1858), (.lower, 2258), (.title, 31), (.modifier, 404), (.otherLetter, 136_477),
      (.mark, 2501), (.number, 1911), (.digit, 1924), (.punctuation, 855), (.symbol, 8514),
      (.space, 25), (.word, 144_667), (.unsettled, 3654),
    ]
    var counts = [Int](repeating: 0, count: 16)
    for scalar in 0..<0x110000 {
      var set = UnicodeClasses.shared.table[scalar]
      while set != 0 {
        counts[set.trailingZeroBitCount] += 1
        set &= set - 1
      }
    }
    for (set, count) in expected { #expect(counts[set.rawValue.trailingZeroBitCount] == count) }
  }

  @Test(arguments: [
    ("plain", "plain"), ("e\u{301}", "\u{E9}"), ("\u{E9}\u{323}", "\u{1EB9}\u{301}"),
    ("\u{1100}\u{1161}\u{11A8}x", "\u{AC01}x"), ("\u{212B}", "\u{C5}"),
    ("\u{958}", "\u{915}\u{93C}"),
    ("a\u{315}\u{300}\u{5AE}\u{300}b", "\u{E0}\u{5AE}\u{300}\u{315}b"),
    ("\u{E0041}\u{301}", "\u{E0041}\u{301}"), ("\u{344}", "\u{308}\u{301}"),
    ("\u{301}a\u{301}", "\u{301}\u{E1}"), ("\u{F900}\u{E9}", "\u{8C48}\u{E9}"),
  ])
  func composes(text: String, composed: String) {
    let bytes = Array(text.utf8)
    let result = bytes.withUnsafeBufferPointer(CanonicalComposition.normalized) ?? bytes
    #expect(result == Array(composed.utf8))
  }

  @Test(
    arguments: [
      ([0x61, 0xC3], 1), ([0xC0, 0x80], 2), ([0xE4, 0xBD, 0x61], 1), ([0xED, 0xA0, 0x80], 3),
      ([0xF0, 0x9F, 0x98, 0x61], 1), ([0xF4, 0x90, 0x80, 0x80], 4), ([0xF8, 0x88], 2),
      ([0xF0, 0x80, 0x61], 2),
    ] as [([UInt8], Int)])
  func repairsEachMaximalPart(bytes: [UInt8], replacements: Int) {
    let repaired = bytes.withUnsafeBufferPointer(UTF8Scan.repaired)
    #expect(repaired?.replacements == replacements)
    #expect(repaired?.text == Array(String(decoding: bytes, as: UTF8.self).utf8))
  }
}
