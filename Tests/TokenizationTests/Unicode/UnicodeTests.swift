import Testing

@testable import ModelFiles
@testable import Tokenization

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

  /// Every sequence of up to four bytes of either end of each range that table 3-7 of the Unicode
  /// Standard tells apart, against Python; `utf8_replacements.py` gives the hash.
  @Test func repairsAsPythonDoes() {
    let bytes: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
      0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func visit(_ sequence: [UInt8]) {
      if !sequence.isEmpty {
        for byte in repairedUTF8(sequence)?.text ?? sequence {
          hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        hash = (hash ^ 0x100) &* 0x100_0000_01B3
      }
      if sequence.count < 4 { for byte in bytes { visit(sequence + [byte]) } }
    }
    visit([])
    #expect(hash == 0x3C34_3F63_1C5F_FBAD)
  }
}
