import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct ComparisonTests {
  private static let names = [
    "key-norm", "key-norm-high", "random", "streaming", "value-norm", "key-diff", "lag-kv",
    "leverage", "tova", "h2o", "snap-kv", "expected-attention",
  ]

  /// At every place the score counted by layer and KV head is best, clearly in even layers.
  private static func comparison(
    layers: Int, kvHeads: Int, names: [String] = names, name: String = "model"
  ) -> ScoreComparison {
    func place(_ layer: Int?, _ kvHead: Int?) -> ComparedPlace {
      let best = ((layer ?? 0) + (kvHead ?? 0)) % names.count
      let isMissing = layer == 1 && kvHead == 0
      return ComparedPlace(
        layer: layer, kvHead: kvHead,
        rows: names.indices.map { score in
          let ratio = score == best ? 0.125 : 0.5
          return ComparedScore(
            alr: 3, alrSE: 0.5, alrNormalized: 0.25, alrRatio: isMissing ? nil : ratio,
            alrRatioSE: 0.0625, rank: isMissing ? nil : score == best ? 1 : 2)
        },
        best: isMissing
          ? nil
          : BestScore(
            score: best, runnerUp: names.count > 1 ? (best + 1) % names.count : nil, margin: 0.375,
            marginSE: 0.125, isClear: (layer ?? 0) % 2 == 0))
    }
    let base = SyntheticResult.make(layers: layers, heads: kvHeads, n: 8, name: name, folds: 1)
    return ScoreComparison(
      tool: "tool", model: base.model, corpus: base.corpus,
      protocolSummary: base.protocolSummary, scores: names, overall: place(nil, nil),
      layers: (0..<layers).map { place($0, nil) },
      kvHeads: (0..<layers).flatMap { layer in
        (0..<base.model.kvHeads).map { place(layer, $0) }
      })
  }

  @Test func everyFigureIsRegisteredOnce() throws {
    let files = try Repository.sourceFiles(in: "Reporting/Comparisons/Figures")
    #expect(files == Set(ComparisonFigures.all.map { "\($0)" }))
    #expect(
      ComparisonFigures.files(Self.comparison(layers: 2, kvHeads: 2)).map(\.name)
        == ["figures/winners.svg", "figures/winners.png"])
  }

  @Test(arguments: [(1, 1), (2, 2), (30, 3), (32, 32), (80, 8), (128, 64), (1, 64)])
  func nothingMeets(size: (Int, Int)) {
    for name in ["model", String(repeating: "模型 name ", count: 30)] {
      let comparison = Self.comparison(layers: size.0, kvHeads: size.1, name: name)
      let scene = WinnersFigure.scene(comparison)
      let problems = SceneLayout(scene: scene).problems
      #expect(problems.isEmpty, "\(size): \(problems.prefix(3))")
      #expect(scene.width < 1200 && scene.height < 1300)
    }
  }

  @Test func cellsHaveTheColoursOfTheirWinners() throws {
    let comparison = Self.comparison(layers: 3, kvHeads: 2)
    let scene = WinnersFigure.scene(comparison)
    let cells = try #require(
      scene.primitives.compactMap { if case .cells(let cells) = $0 { cells } else { nil } }.first)
    #expect(cells.colors[0] == ScoreColors.color(0) && cells.colors[1] == ScoreColors.color(1))
    #expect(cells.colors[2] == nil && cells.colors[3] == ScoreColors.pale(2))
    #expect(Set(Self.names.indices.map { "\(ScoreColors.color($0))" }).count == Self.names.count)
    #expect(scene.texts.contains("key-norm-high") && scene.texts.contains("no value"))
  }

  @Test(arguments: [1, 3, 12]) func widthIsNeverExceeded(count: Int) {
    let names = Array(Self.names.prefix(count))
    for kvHeads in [1, 3, 64] {
      let comparison = Self.comparison(
        layers: 4, kvHeads: kvHeads, names: names, name: String(repeating: "模型 name ", count: 30))
      for style in TerminalTests.styles {
        let text = ScoreComparisonTable.render(comparison, style: style)
        for line in text.split(separator: "\n") {
          #expect(TerminalText.columns(String(line)) <= max(style.width, 20), "\(style): \(line)")
        }
        #expect(style.color != .none || !text.contains("\u{1b}"))
        #expect(style.unicode || text.unicodeScalars.allSatisfy(\.isASCII))
      }
    }
  }

  @Test func tablesNameTheBest() {
    let comparison = Self.comparison(layers: 3, kvHeads: 2, names: ["key-norm", "random"])
    let text = ScoreComparisonTable.render(
      comparison, style: TerminalStyle(width: 80, color: .none, unicode: true))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.contains("score     ratio     ±se   ALR/n  layers won  KV heads won"))
    #expect(lines.contains("key-norm  0.125  ±0.063  0.2500           2             3"))
    #expect(lines.contains("random    0.500  ±0.063  0.2500           1             2"))
    #expect(lines.contains("1         0.500    0.125*  0.375  ±0.125"))
    #expect(
      lines.contains("    0  A B") && lines.contains("    1  - a") && lines.contains("    2  A B"))
  }
}
