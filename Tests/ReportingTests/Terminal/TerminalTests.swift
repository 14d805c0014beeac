import Results
import Testing

@testable import Reporting

@Suite struct TerminalTests {
  static let styles: [TerminalStyle] = [1, 20, 33, 60, 80, 250].flatMap { width in
    [TerminalStyle.ColorLevel.none, .ansi16, .ansi256, .truecolor].flatMap { color in
      [true, false].map { TerminalStyle(width: width, color: color, unicode: $0) }
    }
  }

  @Test(arguments: [(1, 1), (2, 2), (30, 9), (7, 64), (10, 300)])
  func widthIsNeverExceeded(layers: Int, heads: Int) throws {
    var result = SyntheticResult.make(
      layers: layers, heads: heads, n: 8, name: String(repeating: "模型 name ", count: 30),
      missing: [[0, 0]])
    result.layers[0].window = 4
    result.layers[0].n = 3
    result.recommendation.reasons.append(String(repeating: "x", count: 500))
    for style in Self.styles {
      let text =
        LayerTable.render(result, style: style)
        + (TerminalHeatmap.render(result, style: style) ?? "")
      for line in text.split(separator: "\n") {
        let columns = TerminalText.columns(String(line))
        #expect(columns <= max(style.width, 20), "\(style): \(line)")
        if columns > max(style.width, 20) { return }
      }
      #expect(style.color != .none || !text.contains("\u{1b}"))
      #expect(style.unicode || text.unicodeScalars.allSatisfy(\.isASCII))
      // Whatever is switched on is switched off again.
      #expect(!text.contains("\u{1b}") || text.contains(ANSI.reset))
    }
  }

  @Test func tableHoldsTheNumbers() throws {
    var result = SyntheticResult.make(layers: 3, heads: 2, n: 64)
    result.layers[0] = LayerResult(
      layer: 0, n: 64, window: nil, kvSource: nil, alr: 12.345, alrSE: 0.5, alrNormalized: 0.1929,
      alrRatio: 1.25, alrRatioSE: 0.03)
    result.recommendation.layers[0].ratio = 1.25
    result.layers[1].alr = nil
    result.layers[1].alrRatio = nil
    result.layers[1].alrRatioSE = nil
    result.recommendation.layers[1] = LayerAdvice(layer: 1, answer: nil)
    let style = TerminalStyle(width: 100, color: .none, unicode: true)
    let lines = LayerTable.render(result, style: style).split(separator: "\n").map(String.init)
    let first = try #require(lines.first { $0.hasPrefix("    0 ") })
    #expect(first.contains("12.35") || first.contains("12.34"))
    for part in ["±0.50", "0.1929", "1.250", "±0.030", "skip"] { #expect(first.contains(part)) }
    let bar = first.filter { $0 == "█" }.count
    #expect(bar == 21)  // 1.25 of 2 on 34 columns
    let second = try #require(lines.first { $0.hasPrefix("    1 ") })
    #expect(second.contains("–") && second.contains("no value") && !second.contains("skip"))
    #expect(lines.contains { $0.hasPrefix("Skip layer 0; compress layer 2.") })
  }

  @Test func columnsAreAligned() {
    let result = SyntheticResult.make(layers: 12, heads: 2, n: 64)
    for width in [30, 50, 70, 100] {
      let style = TerminalStyle(width: width, color: .none, unicode: true)
      let lines = LayerTable.render(result, style: style).split(separator: "\n")
      // The heading may have a line that starts with a number, too.
      let table = lines.drop { !$0.hasPrefix("layer ") }
      let rows = table.filter { Int($0.split(separator: " ").first ?? "") != nil }
        .map(\.withoutAnswer)
      #expect(rows.count == 12)
      #expect(Set(rows.map(\.count)).count == 1, "\(rows)")
    }
  }

  /// A result whose layers have these answers.
  private func result(_ answers: [Answer?], kvHeads: Int = 1) -> AnalysisResult {
    var result = SyntheticResult.make(layers: answers.count, heads: 2, kvHeads: kvHeads, n: 8)
    result.recommendation = Recommendation(
      layers: answers.enumerated().map { index, answer in
        LayerAdvice(
          layer: index, answer: answer, ratio: answer == nil ? nil : 0.97, low: 0.9, high: 1.04)
      }, reasons: ["why\u{1b}[31m"])
    return result
  }

  @Test func recommendationInWords() {
    func advice(_ answers: [Answer?]) -> String { ResultCaption.advice(result(answers)) }
    #expect(advice([nil, nil]) == "Nothing is advised: no layer has a ratio.")
    #expect(advice([.skip, .skip, nil]) == "Skip every layer: key norm serves none of them.")
    #expect(advice([.compress, .compress]) == "Compress every layer.")
    #expect(advice([.unsure, .unsure]) == "Cannot tell yet for any layer: measure more chunks.")
    #expect(advice([.unsure]) == "Cannot tell yet for layer 0.")
    #expect(
      advice([.skip, .compress, .compress, .compress, .unsure, nil])
        == "Skip layer 0; compress layers 1-3; cannot tell yet for layer 4.")
    #expect(
      advice([.unsure, .compress, .unsure])
        == "Compress layer 1; cannot tell yet for layers 0, 2.")
    let text = LayerTable.render(
      result([.skip, .unsure]), style: TerminalStyle(width: 80, color: .none, unicode: true))
    #expect(text.contains("Skip layer 0; cannot tell yet for layer 1."))
    #expect(text.contains("- why") && !text.contains("\u{1b}"))
  }

  /// The three words stand beside their layers, and it is said which number decides.
  @Test(arguments: [21, 40, 80, 120])
  func answersStandInTheTable(width: Int) throws {
    let style = TerminalStyle(width: width, color: .none, unicode: true)
    let lines = LayerTable.render(result([.skip, .compress, .unsure, nil]), style: style)
      .split(separator: "\n").map(String.init)
    let rows = lines.filter {
      Int($0.split(separator: " ").first ?? "") != nil && !$0.contains("×")
    }
    try #require(rows.count == 4)
    for (row, word) in zip(rows, ["skip", "compress", "cannot tell yet"]) {
      #expect(row.hasSuffix(" " + word), "\(row)")
    }
    #expect(!rows[3].contains("skip") && !rows[3].contains("compress"))
    #expect(lines.contains { $0.hasPrefix("KV ratio decides:") })
    if width >= 40 { #expect(lines.contains { $0.contains("KV ratio") && $0.hasPrefix("layer") }) }
    if width >= 120 { #expect(rows[0].contains("0.900–1.040")) }
  }

  /// With a KV head for every query head both ratios are one, which is shown once.
  @Test func oneRatioIsEnoughWithoutGroups() {
    let style = TerminalStyle(width: 120, color: .none, unicode: true)
    let text = LayerTable.render(result([.skip, .compress], kvHeads: 2), style: style)
    #expect(!text.contains("KV ratio"))
    #expect(text.contains("95 %") && text.contains("0.900–1.040"))
  }

  @Test func headingIsWrappedNotCut() {
    let result = SyntheticResult.make(layers: 1, heads: 1, n: 8)
    let lines = LayerTable.render(
      result, style: TerminalStyle(width: 40, color: .none, unicode: true)
    ).split(separator: "\n").map(String.init)
    #expect(
      Array(lines.prefix(2)) == [
        "Synthetic-1B · wikipedia-en", "16 chunks × 8 positions · query next",
      ])
  }

  @Test func sentencesGoOnIndented() {
    let style = TerminalStyle(width: 24, color: .none, unicode: true)
    #expect(
      style.wrapped("Protocol: query next, key-norm, no BOS")
        == "Protocol: query next,\n  key-norm, no BOS")
  }

  @Test func halfBlocksCarryTwoLayers() throws {
    var result = SyntheticResult.make(layers: 3, heads: 2, n: 8, missing: [[1, 1]])
    for index in result.heads.indices where result.heads[index].measures.alr != nil {
      result.heads[index].measures.alr = Double(index)
    }
    let style = TerminalStyle(width: 40, color: .truecolor, unicode: true)
    let text = try #require(TerminalHeatmap.render(result, style: style))
    let rows = text.split(separator: "\n").filter { $0.contains("▀") }
    #expect(rows.count == 2)
    // Head 0: layer 0 above (value 0), layer 1 below (value 2 of at most 5).
    #expect(
      rows[0].contains("\u{1b}[38;2;68;1;84;48;2;42;120;142m▀")
        || rows[0].contains("38;2;68;1;84;48;2;"))
    // Head 1: layer 1 is missing, so the lower half keeps the terminal's own background.
    #expect(rows[0].contains("m▀▀▀▀\u{1b}[0m\u{1b}[38;2;") && rows[0].hasSuffix("▀▀▀▀\u{1b}[0m"))
    #expect(!rows[1].contains("48;2;"))
    #expect(text.contains("no value"))
  }

  @Test func narrowTerminalsAverageHeads() throws {
    let result = SyntheticResult.make(layers: 4, heads: 100, n: 8)
    let style = TerminalStyle(width: 40, color: .none, unicode: false)
    let text = try #require(TerminalHeatmap.render(result, style: style))
    #expect(text.contains("mean of 3 heads"))
  }

  @Test func nothingToShow() {
    var result = SyntheticResult.make(layers: 1, heads: 1, n: 8)
    result.model.heads = 0
    result.layers = []
    let style = TerminalStyle(width: 80, color: .none, unicode: true)
    #expect(TerminalHeatmap.render(result, style: style) == nil)
    #expect(LayerTable.render(result, style: style).contains("no layers"))
  }

  @Test func colorCube() {
    #expect(ANSI.cubeIndex(0, 0, 0) == 16)
    #expect(ANSI.cubeIndex(255, 255, 255) == 231)
    #expect(ANSI.cubeIndex(255, 0, 0) == 196)
    #expect(ANSI.cubeIndex(128, 128, 128) == 244)
  }
}

extension Substring {
  /// The row without its answer, as long as all others.
  fileprivate var withoutAnswer: Substring {
    Answer.allCases.first { hasSuffix(" " + $0.words) }.map { dropLast($0.words.count + 1) } ?? self
  }
}
