import Foundation
import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct FigureTests {
  @Test func everyFigureIsRegisteredOnce() throws {
    let files = try Repository.sourceFiles(in: "Reporting/Figures")
    let registered = FigureRegistry.all.map { "\($0)" } + FigureRegistry.captures.map { "\($0)" }
    #expect(files == Set(registered))
    #expect(Set(FigureRegistry.all.map { $0.name }).count == FigureRegistry.all.count)
    for figure in FigureRegistry.all {
      #expect(FigureRegistry.named(figure.name) == figure)
    }
    #expect(FigureRegistry.named("no-such") == nil)
  }

  private func cells(_ scene: Scene) -> CellGrid? {
    for case .cells(let grid) in scene.primitives { return grid }
    return nil
  }

  @Test func missingCellsAreNotColored() throws {
    let result = SyntheticResult.make(layers: 3, heads: 4, n: 8, missing: [[1, 2]])
    let scene = ALRFigure.scene(result, options: FigureOptions())
    let grid = try #require(cells(scene))
    #expect(grid.colors[6] == nil)
    #expect(grid.colors.compactMap { $0 }.count == 11)
    var texts: [String] = []
    for case .label(let label) in scene.primitives { texts.append(label.text) }
    #expect(texts.contains("no value"))
    // The neutral cell and the stroke through it reach the picture.
    let decoded = try PNGDecoder(PNGBackend.encode(scene, scale: 1))
    let cell = grid.rectangle(row: 1, column: 2)
    let corner = decoded.pixel(Int(cell.x) + 3, Int(cell.y) + 3)
    let (red, green, blue) = Theme.light.missing.bytes
    #expect(corner == [red, green, blue])
    let middle = decoded.pixel(Int(cell.x + cell.width / 2), Int(cell.y + cell.height / 2))
    #expect(middle != corner)
  }

  @Test func valuesReachTheirCells() throws {
    var result = SyntheticResult.make(layers: 2, heads: 3, n: 8)
    for index in result.heads.indices { result.heads[index].measures.alr = Double(index) }
    // The order of the rows does not matter, and rows outside the model are left out.
    result.heads.reverse()
    result.heads.append(HeadResult(layer: 9, head: 0, kvHead: 0, measures: Measures(alr: 1e9)))
    result.heads.append(HeadResult(layer: -1, head: 0, kvHead: 0, measures: Measures(alr: 1e9)))
    let scene = ALRFigure.scene(result, options: FigureOptions(colorMap: .magma))
    let grid = try #require(cells(scene))
    #expect(grid.colors == (0..<6).map { ColorMap.magma.color(at: Double($0) / 5) })
  }

  @Test func ratioIsCentredOnChance() throws {
    var result = SyntheticResult.make(layers: 1, heads: 3, n: 8)
    for (index, ratio) in [0.5, 1, 1.2].enumerated() {
      result.heads[index].measures.alrRatio = ratio
    }
    let grid = try #require(cells(ALRRatioFigure.scene(result, options: FigureOptions())))
    #expect(grid.colors[1] == ColorMap.diverging.color(at: 0.5))
    #expect(grid.colors[0] == ColorMap.diverging.color(at: 0))
    #expect(ALRRatioFigure.domain(of: 0.1...0.2) == 0...2)
    #expect(ALRRatioFigure.domain(of: 0.9...1.1) == 0.75...1.25)
  }

  private func texts(_ scene: Scene) -> [String] {
    scene.primitives.compactMap { if case .label(let label) = $0 { label.text } else { nil } }
  }

  @Test func cellsOfAFigureHaveTheSameDecimals() throws {
    var result = SyntheticResult.make(layers: 2, heads: 3, n: 8)
    for (index, value) in [0.00941, 122.7, 3, 0, 17.25, 0.5].enumerated() {
      result.heads[index].measures.alr = value
      result.heads[index].measures.alrNormalized = value / 200
    }
    let shown = texts(ALRFigure.scene(result, options: FigureOptions()))
    #expect(Set(["0.0", "122.7", "3.0", "17.3", "0.5"]).isSubset(of: shown))
    let options = FigureOptions(heads: [HeadIndex(layer: 0, head: 0), HeadIndex(layer: 0, head: 1)])
    let subtitles = texts(AttentionLossFigure.scene(result, options: options))
      .filter { $0.hasPrefix("ALR / n") }
    #expect(subtitles.count == 2)
    #expect(
      subtitles[0].hasPrefix("ALR / n 0.0000 ·") && subtitles[1].hasPrefix("ALR / n 0.6135 ·"))
  }

  /// Scores of a row add up to a little more than 1 where rounding has it: the axis ends at 1, in
  /// steps of 0.2 as that of compression ratios, and not at 1.2.
  @Test(arguments: [(1.0000002, "0.8", 2), (1.05, "0.75", 1), (0.5, "0.8", 1)])
  func lossesEndAtOne(last: Double, tick: String, count: Int) {
    var result = SyntheticResult.make(layers: 1, heads: 1, n: 8, folds: 1)
    result.arrays[.attentionLoss].values = (0...100).map { last * Double($0) / 100 }
    let shown = texts(AttentionLossFigure.scene(result, options: FigureOptions()))
    #expect(shown.filter { $0 == tick }.count == count, "\(shown)")
  }

  @Test func kvHeadsReachTheirCells() throws {
    var result = SyntheticResult.make(layers: 2, heads: 4, kvHeads: 2, n: 8)
    for index in result.kvHeads.indices {
      result.kvHeads[index].measures = Measures(alr: Double(index), alrRatio: Double(index) / 2)
    }
    result.kvHeads.reverse()
    result.kvHeads.append(KVHeadResult(layer: 0, kvHead: 2, measures: Measures(alr: 1e9)))
    let options = FigureOptions(colorMap: .magma)
    let grid = try #require(cells(KVALRFigure.scene(result, options: options)))
    #expect(grid.columns == 2)
    #expect(grid.colors == (0..<4).map { ColorMap.magma.color(at: Double($0) / 3) })
    let ratios = KVALRRatioFigure.scene(result, options: FigureOptions())
    let ratioGrid = try #require(cells(ratios))
    #expect(ratioGrid.colors[2] == ColorMap.diverging.color(at: 0.5))
    #expect(texts(ratios).contains("KV head"))
  }

  @Test func lowestNormsAreCountedWhereTheySit() throws {
    var result = SyntheticResult.make(layers: 2, heads: 2, n: 20)
    // Of 20 positions the lowest two count: 0 and 7 in head 0, 0 and 3 (the earlier of two equal
    // ones) in head 1. Layer 1 has a window and values for the last ten positions only.
    var norms = [Double](repeating: 5, count: 80)
    for (index, value) in [(0, 1.0), (7, 2), (20, 1), (23, 4), (29, 4)] { norms[index] = value }
    for position in 0..<10 {
      norms[40 + position] = .nan
      norms[60 + position] = .nan
    }
    norms[40 + 19] = 0
    norms[60 + 19] = 0
    result.arrays[.keyNormMean] = NumericArray(shape: [2, 2, 20], values: norms)
    let scene = LowNormsFigure.scene(result, options: FigureOptions(colorMap: .viridis))
    let grid = try #require(cells(scene))
    #expect(grid.columns == 20)
    var expected = [Double](repeating: 0, count: 20)
    expected[0] = 1
    expected[7] = 0.5
    expected[3] = 0.5
    #expect(Array(grid.colors[..<20]) == expected.map(ColorMap.viridis.color(at:)))
    #expect(grid.colors[20..<30].allSatisfy { $0 == nil })
    #expect(grid.colors[39] == ColorMap.viridis.color(at: 1))
  }

  @Test(arguments: [1, 2, 64, 65, 100, 1024, 4095])
  func positionsFallIntoBins(count: Int) {
    let bins = PositionBins(positions: count)
    #expect(bins.count <= LowNormsFigure.maximumBins + 1)
    let columns = (0..<count).map(bins.index(of:))
    #expect(Set(columns) == Set(0..<bins.count))
    #expect(columns.filter { $0 == 0 }.count == 1)
    for column in 0..<bins.count {
      #expect(columns.firstIndex(of: column) == bins.start(of: column))
    }
    for tick in bins.ticks(cellWidth: 8) { #expect(tick.label == "\(bins.start(of: tick.column))") }
  }

  /// A minus sign, not a hyphen, in the cells as beside the colour bar.
  @Test func negativeCellsHaveMinusSigns() {
    var result = SyntheticResult.make(layers: 2, heads: 2, n: 8)
    result.heads[0].measures.spearman = -0.6254
    let shown = texts(SpearmanFigure.scene(result, options: FigureOptions()))
    #expect(shown.contains("−0.63"))
    #expect(shown.contains { $0.hasPrefix("−1") })
    #expect(!shown.contains { $0.hasPrefix("-") })
  }

  @Test func scatterShowsEachPosition() throws {
    var result = SyntheticResult.make(layers: 1, heads: 2, kvHeads: 1, n: 4)
    result.arrays[.keyNormMean] = NumericArray(shape: [1, 1, 4], values: [1, 2, 3, .nan])
    result.arrays[.attentionMean] = NumericArray(
      shape: [1, 2, 4], values: [0.1, 0.01, 0, 0.5, 0.2, 0.2, 0.2, 0.2])
    result.heads[0].measures.spearman = -0.6254
    let data = try #require(KeyAttention(HeadIndex(layer: 0, head: 0), in: result))
    // No attention has no logarithm and lies at the lower end.
    #expect(data.points.map(\.x) == [1, 2, 3])
    for (point, y) in zip(data.points, [-1.0, -2, -2]) { #expect(abs(point.y - y) < 1e-12) }
    #expect(data.xRange.lowerBound < 1 && data.xRange.upperBound > 3)
    let options = FigureOptions(heads: [HeadIndex(layer: 0, head: 0)])
    let scene = ScatterFigure.scene(result, options: options)
    #expect(texts(scene).contains("ρ −0.625"))
    let dots = scene.primitives.compactMap {
      if case .dots(let points, _, _) = $0 { points } else { nil }
    }
    #expect(dots.map(\.count) == [3])
    #expect(KeyAttention(HeadIndex(layer: 0, head: 2), in: result) == nil)
    #expect(KeyAttention(HeadIndex(layer: 1, head: 0), in: result) == nil)
    // Without a value in common there is a cell that says so.
    result.arrays[.attentionMean].values = [Double](repeating: .nan, count: 8)
    #expect(texts(ScatterFigure.scene(result, options: options)).contains("no values"))
    result.heads[1].measures.spearman = 0.9
    #expect(
      ScatterFigure.extremeHeads(result)
        == [HeadIndex(layer: 0, head: 0), HeadIndex(layer: 0, head: 1)])
  }

  @Test func manyHeadsAreSmallMultiples() throws {
    let result = SyntheticResult.make(layers: 3, heads: 4, n: 50, missing: [[1, 2]])
    let heads = (0..<12).map { HeadIndex(layer: $0 / 4, head: $0 % 4) }
    let scene = ScatterFigure.scene(result, options: FigureOptions(heads: heads))
    #expect(texts(scene).contains("no value"))
    let strips = scene.primitives.filter {
      if case .rectangle(let box, let paint) = $0, case .color = paint.source {
        box.height == 3
      } else {
        false
      }
    }
    #expect(strips.count == 11)
    let whole = ScatterFigure.scene(
      SyntheticResult.make(layers: 3, heads: 4, n: 50), options: FigureOptions(heads: heads))
    #expect(!texts(whole).contains("no value"))
    #expect(texts(whole).contains("ρ −0.5"))
  }

  @Test func extremeHeadsAndTheirCurves() throws {
    var result = SyntheticResult.make(layers: 3, heads: 3, n: 8)
    result.heads[4].measures.alrRatio = 1.9
    result.heads[7].measures.alrRatio = 0.001
    result.heads[2].measures.alrRatio = nil
    let heads = AttentionLossFigure.extremeHeads(result)
    #expect(heads == [HeadIndex(layer: 2, head: 1), HeadIndex(layer: 1, head: 1)])
  }

  @Test func curvesAreWeightedByChunks() throws {
    var values = [Double](repeating: 0, count: 8 * 101)
    for point in 0..<101 {
      values[point] = 1
      values[101 + point] = 4
      values[2 * 101 + point] = .nan
    }
    let array = NumericArray(shape: [8, 1, 1, 101], values: values)
    func mean(_ folds: [Double]) -> [Double]? {
      LossCurves.mean(
        of: array, foldChunks: NumericArray(shape: [folds.count], values: folds), layer: 0, head: 0)
    }
    #expect(mean([2, 1, 0, 0, 0, 0, 0, 0])?[50] == 2)
    #expect(mean([0, 3, 0, 0, 0, 0, 0, 0])?[100] == 4)
    // A fold with chunks but without values, no chunks at all, a wrong shape.
    #expect(mean([2, 1, 1, 0, 0, 0, 0, 0]) == nil)
    #expect(mean([0, 0, 0, 0, 0, 0, 0, 0]) == nil)
    #expect(mean([1, 1]) == nil)
    #expect(
      LossCurves.mean(
        of: array, foldChunks: NumericArray(shape: [8], values: [1, 1, 1, 1, 1, 1, 1, 1]), layer: 0,
        head: 5) == nil)
  }

  @Test func emptyAndHostileResults() throws {
    var result = SyntheticResult.make(layers: 2, heads: 2, n: 8)
    let nothing = NumericArray(shape: [0], values: [])
    result.arrays[.attentionLoss] = nothing
    result.arrays[.referenceLoss] = nothing
    result.arrays[.foldChunks] = nothing
    result.arrays[.attentionMean] = nothing
    result.arrays[.keyNormMean] = nothing
    result.heads[0].measures = Measures(alr: .infinity, alrNormalized: .nan, alrRatio: -.infinity)
    result.layers[0].alrRatio = .nan
    result.layers[0].layer = 1_000_000
    result.layers[1].alrRatioSE = .infinity
    result.recommendation.layers = [-1, 5_000_000, 1].map {
      LayerAdvice(layer: $0, answer: .skip, ratio: .nan, low: 3, high: -.infinity)
    }
    for (layers, heads) in [(2, 2), (0, 0), (-3, 4), (Int.max, 1), (1, Int.max)] {
      result.model.layers = layers
      result.model.heads = heads
      for figure in FigureRegistry.all {
        let scene = figure.scene(result, options: FigureOptions())
        _ = try XMLCheck.elements(SVGBackend.document(scene))
        _ = PNGBackend.encode(scene, scale: 0.25)
      }
      #expect(HTMLReport.document(result).contains("<noscript>"))
    }
  }

  @Test func documentsAreWellFormed() throws {
    let result = SyntheticResult.make(
      layers: 12, heads: 7, n: 8, name: HostileText.markup, missing: [[2, 2]])
    for figure in FigureRegistry.all {
      for theme in [Theme.light, .dark] {
        let scene = figure.scene(result, options: FigureOptions())
        let elements = try XMLCheck.elements(SVGBackend.document(scene, theme: theme))
        #expect(elements["text", default: 0] > 5)
        #expect(elements["script"] == nil)
      }
    }
  }
}

@Suite struct ReportWriterTests {
  @Test func equalResultsGiveEqualBytes() {
    let result = SyntheticResult.make(layers: 4, heads: 3, n: 32)
    let files = ReportWriter.files(result)
    #expect(files == ReportWriter.files(result))
    #expect(
      files.map(\.name) == [
        "report.html"
      ] + FigureRegistry.all.flatMap { ["figures/\($0.name).svg", "figures/\($0.name).png"] })
    #expect(files.allSatisfy { !$0.bytes.isEmpty })
  }
}
