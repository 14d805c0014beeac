import AttentionAnalysis
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
      alrRatio: 1.25, alrRatioSE: 0.03, skip: true)
    result.layers[1].alr = nil
    result.layers[1].alrRatio = nil
    result.layers[1].alrRatioSE = nil
    result.layers[1].skip = false
    let style = TerminalStyle(width: 100, color: .none, unicode: true)
    let lines = LayerTable.render(result, style: style).split(separator: "\n").map(String.init)
    let first = try #require(lines.first { $0.hasPrefix("    0 ") })
    #expect(first.contains("12.35") || first.contains("12.34"))
    for part in ["±0.50", "0.1929", "1.250", "±0.030", "skip"] { #expect(first.contains(part)) }
    let bar = first.filter { $0 == "█" }.count
    #expect(bar == 26)  // 1.25 of 2 on 41 columns
    let second = try #require(lines.first { $0.hasPrefix("    1 ") })
    #expect(second.contains("–") && second.contains("no value") && !second.contains("skip"))
    #expect(lines.contains { $0.hasPrefix("Leave layers 0, 1 uncompressed.") })
  }

  @Test func columnsAreAligned() {
    let result = SyntheticResult.make(layers: 12, heads: 2, n: 64)
    for width in [30, 50, 70, 100] {
      let style = TerminalStyle(width: width, color: .none, unicode: true)
      let lines = LayerTable.render(result, style: style).split(separator: "\n")
      // The heading may have a line that starts with a number, too.
      let table = lines.drop { !$0.hasPrefix("layer ") }
      let rows = table.filter { Int($0.split(separator: " ").first ?? "") != nil }
        .map { $0.replacingSkip() }
      #expect(rows.count == 12)
      #expect(Set(rows.map(\.count)).count == 1, "\(rows)")
    }
  }

  @Test func recommendationInWords() {
    var result = SyntheticResult.make(layers: 3, heads: 2, n: 8)
    let style = TerminalStyle(width: 80, color: .none, unicode: true)
    result.recommendation = Recommendation(layers: [], rule: "", reasons: ["all alike"])
    #expect(LayerTable.render(result, style: style).contains("Compress all layers"))
    result.recommendation = Recommendation(layers: [2], rule: "r", reasons: ["why\u{1b}[31m"])
    let text = LayerTable.render(result, style: style)
    #expect(text.contains("Leave layer 2 uncompressed."))
    result.recommendation.layers = [0, 1, 2]
    #expect(LayerTable.render(result, style: style).contains("Compress no layer"))
    #expect(text.contains("Rule: r"))
    #expect(!text.contains("\u{1b}"))
  }

  /// A result whose layers have these ratios, with errors or without.
  private func result(_ ratios: [(Double, Double?)]) -> AnalysisResult {
    var result = SyntheticResult.make(layers: ratios.count, heads: 2, n: 8)
    for (index, ratio) in ratios.enumerated() {
      (result.layers[index].alrRatio, result.layers[index].alrRatioSE) = ratio
    }
    result.recommendation = Recommendation(skippingByRatioOf: result.layers)
    for index in ratios.indices {
      result.layers[index].skip = result.recommendation.layers.contains(index)
    }
    return result
  }

  @Test func layersOfOneReasonShareALine() {
    let style = TerminalStyle(width: 200, color: .none, unicode: true)
    func reasons(_ ratios: [(Double, Double?)]) -> [String] {
      LayerTable.recommendation(result(ratios), style: style).filter { $0.hasPrefix("- ") }
    }
    #expect(
      reasons([(1.25, 0.01), (1.6, 0.01), (1.4, 0.01)]) == [
        "- Layers 0-2: worse than chance, the lower 95 % bound is above 1 (ratios 1.25 to 1.60)."
      ])
    #expect(
      reasons([(1.25, nil), (1.6, nil), (0.4, nil), (1.3, nil)]) == [
        "- Layers 0, 1, 3: worse than chance, but one chunk gives no interval "
          + "(ratios 1.25 to 1.60)."
      ])
    // One layer alone keeps its own words.
    let mixed = reasons([
      (0.6, 0.01), (0.2, 0.01), (0.21, 0.01), (0.19, 0.01), (0.22, 0.01), (0.7, 0.01),
      (0.2, 0.01), (2, 0.01),
    ])
    #expect(mixed.count == 2)
    #expect(mixed[0].hasPrefix("- Layers 0, 5: above median + 3 * 1.4826 * MAD = "))
    #expect(mixed[0].hasSuffix(" of all layers (ratios 0.60 to 0.70)."))
    #expect(mixed[1].hasPrefix("- Layer 7: alr_ratio 2.0000 ± 0.0100; its lower 95 % bound"))
    #expect(ReasonText.list([0, 1, 2, 4, 6, 7]) == "0-2, 4, 6, 7")
  }

  @Test func neverAdvisesToCompressAllAtTheLevelOfChance() {
    #expect(
      ResultCaption.advice(result([(1.01, 0.1), (1.05, 0.1), (1, 0.1)]))
        == "No layer is surely worse than chance, but half of them are no better: measure more "
        + "chunks.")
    #expect(
      ResultCaption.advice(result([(1.01, 0.1)]))
        == "The only layer is no better than chance, if not surely worse: measure more chunks.")
    #expect(
      ResultCaption.advice(result([(0.99, 0.1), (1.05, 0.1), (0.9, 0.1)]))
        == "Compress all layers: none stands out.")
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
  /// The row without its mark, as long as all others.
  fileprivate func replacingSkip() -> Substring {
    hasSuffix(" skip") ? dropLast(5) : self
  }
}
