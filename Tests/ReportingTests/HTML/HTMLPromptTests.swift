import CZlib
import Foundation
import ModelFiles
import Results
import Testing

@testable import Reporting

@Suite struct HTMLPromptTests {
  /// A capture of no model: sinks at the first token, a peak that depends on layer and head.
  static func capture(
    layers: [Int], heads: [Int], modelHeads: Int, kvHeads: Int, texts: [String],
    window: Int? = nil
  ) -> PromptCapture {
    let n = texts.count
    var attention: [Float] = []
    attention.reserveCapacity(layers.count * heads.count * n * n)
    for layer in layers {
      for head in heads {
        for query in 0..<n {
          let peak = (query * (layer + 2) + head) % (query + 1)
          for key in 0..<n {
            attention.append(
              key > query ? 0 : score(key: key, peak: peak, query: query))
          }
        }
      }
    }
    let group = modelHeads / kvHeads
    let groups = Set(heads.map { $0 / group }).sorted()
    var norms: [Double] = []
    for layer in layers {
      for kvHead in groups {
        for position in 0..<n {
          let step = (layer + kvHead * 3 + position * 7) % 11
          norms.append(10 + Double(step))
        }
      }
    }
    return PromptCapture(
      tool: "alr-analyze",
      model: SyntheticResult.make(layers: 1, heads: 1, n: 2).model.with(
        heads: modelHeads, kvHeads: kvHeads),
      precision: "f32", isa: "avx512",
      tokens: texts.enumerated().map {
        CapturedToken(id: $0.offset, piece: $0.element, bytes: Array($0.element.utf8))
      }, hasAddedBOS: false, layers: layers.map { CapturedLayer(layer: $0, window: window) },
      heads: heads, attentionScale: 0.125, attentionSoftCap: nil,
      arrays: CaptureArrays(
        attention: .dense(
          NumberArray(shape: [layers.count, heads.count, n, n], values: attention)),
        keyNorms: NumberArray(shape: [layers.count, groups.count, n], values: norms)))
  }

  private static func score(key: Int, peak: Int, query: Int) -> Float {
    (key == 0 ? 0.4 : 0) + (key == peak ? 0.5 : 0) + 0.1 / Float(query + 1)
  }

  static let words = "The cat sat on the mat, and it purred.".split(separator: " ").enumerated()
    .map { $0.offset == 0 ? String($0.element) : " " + $0.element }

  private func object(_ json: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  @Test func scoresComeBack() throws {
    let capture = Self.capture(
      layers: [1, 4], heads: [0, 3], modelHeads: 4, kvHeads: 2, texts: Self.words)
    let prompt = try #require(PromptData(capture))
    let n = Self.words.count
    #expect(prompt.tokens == n && prompt.heads == 2 && prompt.omission.isEmpty)
    let triangle = n * (n + 1) / 2
    let bytes = try inflated(prompt.maps[1], count: 2 * triangle)
    var at = triangle
    for query in 0..<n {
      let row = try #require(capture.attentionRow(layer: 1, head: 1, query: query))
      for score in row {
        let value = pow(Float(bytes[at]) / 255, 2)
        #expect(abs(value - score) <= 0.004 * score.squareRoot() + 1e-5)
        at += 1
      }
    }
    let data = try object(prompt.json)
    #expect(data["tokens"] as? [String] == Self.words)
    #expect(data["layers"] as? [Int] == [1, 4])
    #expect(data["kvHead"] as? [Int] == [0, 1])
    let norms = try #require(data["norms"] as? [String: Any])
    // Layer 4, KV head 1: 10 + (4 + 3 + 7p) mod 11, from 10 to 20 at nine positions.
    let wanted = try #require(capture.keyNorms(layer: 1, head: 1))
    #expect((norms["low"] as? [Double])?.last == wanted.min())
    #expect((norms["high"] as? [Double])?.last == wanted.max())
  }

  @Test func whatIsNoTextIsSpelledOut() throws {
    var capture = Self.capture(
      layers: [0], heads: [0], modelHeads: 1, kvHeads: 1,
      texts: ["a", "b", "c", HostileText.markup, "\n", "\u{202e}x"])
    capture.tokens[1].bytes = [0xe2, 0x82]
    capture.tokens[2] = CapturedToken(id: 2, piece: "<s>", bytes: [])
    let prompt = try #require(PromptData(capture))
    let tokens = try #require(try object(prompt.json)["tokens"] as? [String])
    #expect(tokens[0] == "a" && tokens[1] == "\\xE2\\x82" && tokens[2] == "<s>")
    #expect(tokens[3].hasPrefix("</script><script>") && tokens[4] == "\n")
    #expect(tokens[5] == "\\u{202E}x")
    for text in ["<", "\u{2028}", "\u{202e}", "\u{2066}"] { #expect(!prompt.json.contains(text)) }
    let result = SyntheticResult.make(layers: 3, heads: 2, n: 16)
    let document = HTMLReport.document(result, capture: capture)
    let plain = HTMLReport.document(result)
    for tag in ["<script", "</script", "<img", "<!--"] {
      #expect(
        document.components(separatedBy: tag).count == plain.components(separatedBy: tag).count,
        "\(tag)")
    }
    #expect(document.contains("id=\"prompt\"") && !plain.contains("id=\"prompt\""))
  }

  /// More than a page may hold: tokens are left out first, then heads, and the page says so.
  @Test func whatIsLeftOutIsSaid() throws {
    let texts = (0..<48).map { " w\($0)" }
    let capture = Self.capture(
      layers: Array(0..<4), heads: Array(0..<8), modelHeads: 8, kvHeads: 4, texts: texts)
    let few = try #require(
      PromptData(capture, limits: .init(scores: 32 * 30 * 31 / 2, fewestTokens: 20)))
    #expect(few.heads == 8 && few.tokens == 30)
    #expect(few.omission.contains("the first 30 of 48 tokens."))
    let whole = try #require(PromptData(capture))
    #expect(whole.tokens == 48 && whole.omission.isEmpty)
    let size = whole.maps.reduce(0) { $0 + $1.utf8.count }
    let small = try #require(PromptData(capture, limits: .init(characters: size / 2)))
    #expect(small.tokens < 48 && small.tokens >= 16)
    #expect(small.maps.reduce(0) { $0 + $1.utf8.count } <= size / 2)
    let narrow = try #require(
      PromptData(capture, limits: .init(scores: 4 * 3 * 20 * 21 / 2, fewestTokens: 20)))
    #expect(narrow.heads == 3 && narrow.tokens == 20)
    #expect(narrow.omission.contains("the first 3 of 8 captured heads of each layer"))
    let data = try object(narrow.json)
    #expect(data["heads"] as? [Int] == [0, 1, 2] && data["kvHeads"] as? Int == 2)
    let cut = try #require(PromptData(capture, limits: .init(tokens: 5)))
    #expect(cut.tokens == 5)
  }

  /// A small model leaves room for more of a prompt than a page has at least.
  @Test func mapsTakeWhatTheRestLeaves() throws {
    let result = SyntheticResult.make(layers: 4, heads: 4, n: 64)
    let room = ReportData.promptBudget(result)
    #expect(room > 3_500_000 && room < ReportData.budget)
    var large = SyntheticResult.make(layers: 32, heads: 32, n: 16)
    large.corpus.chunkLength = 1024
    #expect(ReportData.promptBudget(large) == PromptData.Limits.leastCharacters)
    let texts = (0..<480).map { "\($0)" }
    var capture = Self.capture(
      layers: [0], heads: [0], modelHeads: 13, kvHeads: 13, texts: texts)
    // Scores that do not compress: the high bits of a linear congruence.
    var state: UInt32 = 1
    let noise = (0..<480 * 480).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 16_777_216
    }
    capture.heads = Array(0..<13)
    capture.arrays = CaptureArrays(
      attention: .dense(
        NumberArray(
          shape: [1, 13, 480, 480], values: Array(repeating: noise, count: 13).flatMap(\.self))))
    let document = HTMLReport.document(result, capture: capture)
    #expect(!document.contains("To keep this page small"))
    #expect(document.utf8.count > PromptData.Limits.leastCharacters + 100_000)
    #expect(document.utf8.count < 5_000_000)
  }

  @Test func nothingToShow() {
    var capture = Self.capture(
      layers: [0], heads: [0], modelHeads: 1, kvHeads: 1, texts: ["a"])
    capture.arrays = CaptureArrays()
    #expect(PromptData(capture) == nil)
  }
}

extension ModelSummary {
  fileprivate func with(heads: Int, kvHeads: Int) -> ModelSummary {
    var model = self
    model.heads = heads
    model.kvHeads = kvHeads
    return model
  }
}

/// Writes the reports that the browser check opens into the folder that `ALR_REPORTS` names.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ALR_REPORTS"] != nil))
struct HTMLBrowserReports {
  private func write(_ name: String, _ result: AnalysisResult, _ capture: PromptCapture?) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_REPORTS"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let document = HTMLReport.document(result, capture: capture)
    #expect(document.utf8.count < 5_000_000)
    try Data(document.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).html"))
  }

  /// Names and tokens that try to become markup; a head without values; a prompt of some heads.
  @Test func hostile() throws {
    var result = SyntheticResult.make(
      layers: 5, heads: 4, kvHeads: 2, n: 40, name: HostileText.markup, missing: [[2, 1]])
    result.corpus.name = HostileText.markup
    result.recommendation.reasons = [HostileText.markup]
    result.layers[3].alrRatio = nil
    result.recommendation.layers[3] = LayerAdvice(layer: 3, answer: nil)
    let texts = HTMLPromptTests.words + [HostileText.markup, "\n", "`${window.broken=3}`", "--></"]
    try write(
      "hostile", result,
      HTMLPromptTests.capture(
        layers: [1, 3], heads: [0, 1, 3], modelHeads: 4, kvHeads: 2, texts: texts, window: 6))
  }

  /// So few layers and positions that an axis has room for fractions of them.
  @Test func small() throws {
    try write("small", SyntheticResult.make(layers: 2, heads: 2, n: 4, name: "Tiny"), nil)
  }

  /// One layer: the line of the skipping layers has a single point.
  @Test func single() throws {
    try write("single", SyntheticResult.make(layers: 1, heads: 1, n: 12, name: "Tiny"), nil)
  }

  /// A thousand heads of a thousand positions.
  @Test func large() throws { try writeLarge(n: 1024) }

  /// Four thousand, which take long to write and to open.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["ALR_REPORTS_DEEP"] != nil))
  func deep() throws { try writeLarge(n: 4096) }

  private func writeLarge(n: Int) throws {
    try write(
      "large-\(n)", SyntheticResult.make(layers: 32, heads: 32, n: n, name: "Synthetic-7B"),
      HTMLPromptTests.capture(
        layers: Array(0..<32), heads: Array(0..<32), modelHeads: 32, kvHeads: 32,
        texts: (0..<150).map { " word\($0)" }))
  }
}
