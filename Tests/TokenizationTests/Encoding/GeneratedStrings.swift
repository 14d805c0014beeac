import AttentionAnalysis
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// The strings that `make_generated.py` froze the reference's ids of: words, white space, odd
/// characters, scalars of every block, numbers and long runs, put together at random.
struct GeneratedStrings {
  private let words: [String]
  private let spaces: [String]
  private let odd: [String]
  private let blocks: [(low: Int, high: Int)]
  private var random = SplitMix64(seed: 5)

  init() throws {
    let root = try TokenizerFixture.json("generated.json").root
    func strings(_ name: String) -> [String] { root[name]?.elements.compactMap(\.string) ?? [] }
    (words, spaces, odd) = (strings("words"), strings("spaces"), strings("odd"))
    blocks = (root["blocks"]?.elements ?? []).map { block in
      let ends = block.elements.compactMap(\.int)
      return (ends[0], ends[1])
    }
  }

  /// The script draws from the same generator.
  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  /// Holds ids and text of every string against what the reference gave, ten strings a hash.
  static func expectReference(_ tokenizer: Tokenizer, _ family: String) throws {
    var strings = try GeneratedStrings()
    let lines = try TokenizerFixture.bytes("\(family).generated").split(separator: 0x0A)
    #expect(lines.count == 500)
    for line in lines {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      func add(_ value: some BinaryInteger) { hash = (hash ^ UInt64(value)) &* 0x100_0000_01B3 }
      var texts: [String] = []
      for _ in 0..<10 {
        let text = strings.next()
        texts.append(text)
        let ids = tokenizer.encode(text)
        add(ids.count)
        for id in ids { add(id) }
        for byte in tokenizer.decode(ids).utf8 { add(byte) }
      }
      // One of several hundred is enough to see.
      try #require(UInt64(String(decoding: line, as: UTF8.self), radix: 16) == hash, "\(texts)")
    }
  }

  mutating func next() -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<1 + below(7) {
      switch below(10) {
      case 0..<4: text += words[below(words.count)].unicodeScalars
      case 4..<6: text += spaces[below(spaces.count)].unicodeScalars
      case 6: text += odd[below(odd.count)].unicodeScalars
      case 7:
        let block = blocks[below(blocks.count)]
        if let scalar = Unicode.Scalar(block.low + below(block.high - block.low)) {
          text.append(scalar)
        }
      case 8:
        let limit = (0...below(8)).reduce(1) { product, _ in product * 10 }
        text += "\(below(limit))".unicodeScalars
      default:
        let repeated = words[below(words.count)].unicodeScalars.first ?? "a"
        text += repeatElement(repeated, count: 1 + below(40))
      }
    }
    return String(text)
  }
}

extension Unicode.Scalar {
  fileprivate init?(_ value: Int) { self.init(UInt32(value)) }
}
