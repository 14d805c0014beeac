import Foundation

@testable import ModelFiles
@testable import Tokenization

/// The small tokenizers that `make_tokenizers.py` trained, and what the reference gives for them.
struct TokenizerFixture {
  static let families = [
    "gpt2", "smollm2", "llama3", "qwen2", "tekken", "deepseek", "neox", "gpt4o", "deepseek-coder",
  ]

  let tokenizer: Tokenizer
  let texts: [String]
  let ids: [[Int32]]
  let decoded: [String]

  init(_ family: String) throws {
    tokenizer = try Self.tokenizer(family)
    texts = try Self.json("strings.json").root.elements.compactMap(\.string)
    var ids: [[Int32]] = []
    var decoded: [String] = []
    let lines = try Self.bytes("\(family).ids").split(
      separator: 0x0A, omittingEmptySubsequences: false)
    for (line, text) in zip(lines, texts) {
      let parts = line.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
      ids.append(Self.ids(parts[0]))
      let changed = parts.count > 1 ? try JSONDocument(parsing: Array(parts[1])).root.string : nil
      decoded.append(changed ?? text)
    }
    self.ids = ids
    self.decoded = decoded
  }

  static func tokenizer(_ family: String) throws -> Tokenizer {
    family.hasPrefix("spm-")
      ? try Tokenizer.load(sentencePiece: path("\(family).model"))
      : try Tokenizer.load(tokenizerJSON: path("\(family).json"))
  }

  /// The scalars in each word that the reference's pre-tokenizer makes of each text.
  static func splits(_ family: String) throws -> [[Int32]] {
    try bytes("\(family).splits").split(separator: 0x0A, omittingEmptySubsequences: false).map {
      line in
      var lengths: [Int32] = []
      var carried: Int32 = 0
      for value in line.compactMap({ digits.firstIndex(of: $0).map(Int32.init) }) {
        carried += value
        if value < 63 {
          lengths.append(carried)
          carried = 0
        }
      }
      return lengths
    }
  }

  static func path(_ name: String) -> String {
    Bundle.module.bundlePath + "/Fixtures/tokenizers/" + name
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func json(_ name: String) throws -> JSONDocument {
    try JSONDocument(parsing: bytes(name))
  }

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func ids(_ text: ArraySlice<UInt8>) -> [Int32] {
    let values = text.compactMap { digits.firstIndex(of: $0).map(Int32.init) }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 6 | values[$0 + 1] }
  }
}
