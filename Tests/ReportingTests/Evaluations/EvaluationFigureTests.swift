import Results
import TestSupport
import Testing

@testable import Reporting

extension Scene {
  /// What the labels say.
  var texts: [String] {
    primitives.compactMap { if case .label(let label) = $0 { label.text } else { nil } }
  }
}

@Suite struct EvaluationFigureTests {
  @Test func everyFigureIsRegisteredOnce() throws {
    let files = try Repository.sourceFiles(in: "Reporting/Evaluations/Figures")
    #expect(files == Set(EvaluationFigures.all.map { "\($0)" }))
    let names =
      EvaluationFigures.all.map { $0.name } + FigureRegistry.all.map { $0.name }
      + FigureRegistry.captures.map { $0.name }
    #expect(Set(names).count == names.count)
    for figure in EvaluationFigures.all {
      #expect(EvaluationFigures.named(figure.name) == figure && !figure.kinds.isEmpty)
    }
    #expect(EvaluationFigures.named("no-such") == nil)
    for kind in Evaluation.Kind.allCases {
      #expect(!EvaluationFigures.of(kind).isEmpty)
    }
    #expect(
      EvaluationFigures.of(.lm).map { $0.name } == [
        "log-perplexity", "accuracy", "comparisons", "sensitivity",
      ])
  }

  @Test(arguments: Evaluation.Kind.allCases, [1, 4, 12, 61])
  func nothingMeets(kind: Evaluation.Kind, count: Int) {
    for places in count == 1 ? [1, 40] : count == 4 ? [1, 8] : [5] {
      let evaluation = SyntheticEvaluation.make(
        kind, settings: count, chunks: 2, positions: 70, places: places)
      check(evaluation, "\(kind) \(count) \(places)")
    }
  }

  /// Single layers have one figure and one table, whatever their numbers are.
  @Test func singleLayersHaveAFigureOfTheirOwn() throws {
    let rise = { (layer: Int, share: Double, chunk: Int) in
      Double(layer) * share * share + 0.01 * Double(chunk)
    }
    var evaluation = SyntheticLayers.evaluation(layers: 8, kept: [0.75, 0.5, 0.1], rise)
    #expect(EvaluationFigures.of(evaluation).map { $0.name } == ["sensitivity"])
    check(evaluation, "layers")
    let scene = LayerSensitivityFigure.scene(evaluation, options: FigureOptions())
    #expect(scene.summary.contains("90 % dropped most in layer 7: 5.69"), "\(scene.summary)")
    let table = EvaluationTable.render(
      evaluation, style: TerminalStyle(width: 100, color: .none, unicode: true))
    #expect(table.contains("\nlayer"))
    #expect(
      table.contains("\n4      0.2650  ±0.0065  1.0150  ±0.0065  3.2550  ±0.0065\n"), "\(table)")
    for width in [20, 40] {
      let lines = EvaluationTable.render(
        evaluation, style: TerminalStyle(width: width, color: .none, unicode: false)
      ).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= width })
    }
    evaluation = SyntheticLayers.evaluation(layers: 3, kept: [0.5], chunks: 1) { _, _, _ in .nan }
    check(evaluation, "no numbers")
    // One that was not made for it has the usual figures, though its settings may look alike.
    evaluation.protocolFacts = []
    #expect(EvaluationFigures.of(evaluation).map { $0.name } == ["log-perplexity", "accuracy"])
  }

  @Test(arguments: Evaluation.Kind.allCases) func hostileNames(kind: Evaluation.Kind) {
    var evaluation = SyntheticEvaluation.make(
      kind, settings: 12, chunks: 2, positions: 40,
      name: String(repeating: "long-model-name-", count: 40))
    for index in evaluation.settings.indices.dropFirst() {
      evaluation.settings[index].policy = HostileText.markup + "\(index)"
      evaluation.settings[index].plan = String(repeating: "计划", count: 60)
    }
    for index in evaluation.cells.indices {
      for place in evaluation.cells[index].coordinates.indices {
        if case .name(let name) = evaluation.cells[index].coordinates[place].value {
          evaluation.cells[index].coordinates[place].value = .name(HostileText.markup + name)
        }
      }
    }
    check(evaluation, "\(kind)")
    // Numbers that no run gives, missing ones, settings without cells.
    for index in evaluation.cells.indices {
      for score in evaluation.cells[index].scores.indices {
        evaluation.cells[index].scores[score].mean = [nil, 1e300, -5, 0][index % 4]
        evaluation.cells[index].scores[score].error = [nil, 1e300, -1, .infinity][index % 4]
      }
    }
    evaluation.cells = evaluation.cells.filter { $0.setting % 3 != 1 }
    check(evaluation, "\(kind) with odd numbers")
  }

  private func check(_ evaluation: Evaluation, _ name: String) {
    for figure in EvaluationFigures.of(evaluation) {
      let scene = figure.scene(evaluation, options: FigureOptions())
      let problems = SceneLayout(scene: scene).problems
      #expect(problems.isEmpty, "\(figure.name) \(name): \(problems.prefix(5))")
      #expect(scene.width < 1200, "\(figure.name) \(name)")
      #expect(labelsOnCurves(scene).isEmpty, "\(figure.name) \(name)")
    }
  }

  /// Labels that lie where a curve does, a legend's among them.
  private func labelsOnCurves(_ scene: Scene) -> [String] {
    let curves = scene.primitives.compactMap { primitive -> Rectangle? in
      guard case .polyline(let points, _) = primitive, points.count > 2 else { return nil }
      let (xs, ys) = (points.map(\.x), points.map(\.y))
      guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
      else { return nil }
      return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
    }
    return scene.primitives.compactMap { primitive in
      guard case .label(let label) = primitive else { return nil }
      let box = SceneLayout.box(of: label)
      return curves.contains {
        box.x < $0.maxX && $0.x < box.maxX && box.y < $0.maxY && $0.y < box.maxY
      } ? label.text : nil
    }
  }

  /// Two settings, two lengths, two depths, with round scores.
  private static let needle: Evaluation = {
    var evaluation = SyntheticEvaluation.make(.needle, settings: 2)
    evaluation.cells = [(0, [1, 1, 0.5, 0.5]), (1, [0.25, 0.75, 0, 1])].flatMap { setting, means in
      means.enumerated().map { index, mean in
        Evaluation.Cell(
          setting: setting,
          coordinates: [
            .init(name: "length", value: .number([2000, 1000][index / 2])),
            .init(name: "depth", value: .number([0, 100][index % 2])),
          ], count: 4,
          scores: [.init(name: "score", mean: mean, deviation: 0.2, error: 0.1)])
      }
    }
    return evaluation
  }()

  @Test func needleCellsHaveTheirColors() {
    let scene = NeedleFigure.scene(Self.needle, options: FigureOptions())
    let grids = scene.primitives.compactMap { if case .cells(let grid) = $0 { grid } else { nil } }
    // The colour bar, then a map a setting; lengths ascend from left to right.
    #expect(grids.count == 3)
    func hex(_ grid: CellGrid) -> [String?] { grid.colors.map { $0?.hexString } }
    #expect(hex(grids[1]) == ["#ebb839", "#0cd79f", "#ebb839", "#0cd79f"])
    #expect(hex(grids[2])[0] == "#f0496e" && hex(grids[2])[2] == "#0cd79f")
    #expect(scene.texts.contains("mean 0.500") && scene.texts.contains("0 %"))
  }

  @Test func meansWeighCellsAlike() throws {
    let cells = ScoreCells(Self.needle)
    let mean = cells.mean("score", setting: 1)
    #expect(mean.mean == 0.5)
    #expect(abs(try #require(mean.error) - 0.05) < 1e-12)
    #expect(cells.mean("score", setting: 1, at: [("length", .number(1000))]).mean == 0.5)
    #expect(cells.mean("score", setting: 0, at: [("length", .number(7))]).mean == nil)
    #expect(cells.mean("other", setting: 0).mean == nil && cells.count(setting: 0) == 16)
    var partial = Self.needle
    partial.cells[0].scores[0].mean = nil
    #expect(ScoreCells(partial).mean("score", setting: 0).mean == nil)
  }

  @Test func pointsLieAtShareAndMean() throws {
    var evaluation = Self.needle
    evaluation.settings = [0.25, 0.75].map { SyntheticEvaluation.setting("keep-low", ratio: $0) }
    let scene = AccuracyRatioFigure.scene(evaluation, options: FigureOptions())
    let dots = scene.primitives.compactMap { primitive -> [Point]? in
      if case .dots(let points, _, _) = primitive { points } else { nil }
    }.flatMap { $0 }
    // Means 0.75 at a quarter and 0.5 at three quarters; the plot is 620 × 300.
    #expect(dots.count == 2)
    #expect(abs(dots[1].x - dots[0].x - 310) < 1e-9)
    #expect(abs(dots[1].y - dots[0].y - 75) < 1e-9)
    #expect(scene.texts.contains("keep-low"))
  }

  @Test func barsAreAsLongAsTheirMeans() {
    var evaluation = Self.needle
    evaluation.cells = evaluation.cells.filter { $0.coordinate("length") == .number(2000) }
    for figure in EvaluationFigures.of(.needle) where figure.name != NeedleFigure.name {
      let scene = figure.scene(evaluation, options: FigureOptions())
      let bars = scene.primitives.compactMap { primitive -> Rectangle? in
        if case .rectangle(let rectangle, _) = primitive { rectangle } else { nil }
      }
      #expect(bars.map(\.width) == [420, 210])
      #expect(scene.texts.contains("0.500 ± 0.071"))
    }
  }

  @Test func lengthsAreShort() {
    let texts = [0, 11, 12.34, 999.96, 1103.4, 9999, 16_384, 128_000, 1e13].map {
      Evaluation.Coordinate.Value.number($0).text
    }
    #expect(
      texts == ["0", "11", "12.3", "1000", "1103", "9999", "16k", "128k", "1.00e13"])
  }
}
