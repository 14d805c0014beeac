import AttentionAnalysis
import Foundation
import Testing

@testable import Reporting

@Suite struct FigureTests {
  static let sizes = [(1, 1), (2, 2), (30, 9), (32, 32), (80, 64), (128, 128), (1, 64), (64, 1)]

  /// The box of a label by the metrics that layout uses, a little smaller than its line.
  static func box(of label: Label) -> Rectangle {
    let width = TextMetrics.width(label.text, size: label.size, weight: label.weight)
    let start: Double
    switch label.anchor {
    case .start: start = 0
    case .middle: start = -width / 2
    case .end: start = -width
    }
    let (ascent, descent) = (0.72 * label.size, 0.2 * label.size)
    return label.rotation == 0
      ? Rectangle(
        x: label.origin.x + start, y: label.origin.y - ascent, width: width,
        height: ascent + descent)
      : Rectangle(
        x: label.origin.x - ascent, y: label.origin.y - start - width, width: ascent + descent,
        height: width)
  }

  @Test(arguments: sizes, [false, true])
  func labelsNeitherCollideNorClip(size: (Int, Int), isLong: Bool) {
    var result = SyntheticResult.make(
      layers: size.0, heads: size.1, n: 8,
      name: isLong ? String(repeating: "long-model-name-", count: 40) : "M",
      missing: [[0, 0]])
    if isLong {
      result.corpus.name = String(repeating: "语料", count: 300)
      for index in result.heads.indices {
        result.heads[index].measures.alr = result.heads[index].measures.alr.map { $0 * 1e5 }
      }
    }
    for figure in FigureRegistry.all {
      let scene = figure.scene(result, options: FigureOptions())
      #expect(scene.width < 1200 && scene.height < 1200)
      var boxes: [(Rectangle, String)] = []
      for case .label(let label) in scene.primitives {
        let box = Self.box(of: label)
        #expect(
          box.x >= 0 && box.y >= 0 && box.maxX <= scene.width && box.maxY <= scene.height,
          "\(figure.name) \(size): \(label.text) leaves the picture")
        boxes.append((box, label.text))
      }
      // Numbers inside cells are checked against their cells; here all others against each other.
      boxes.sort { $0.0.y < $1.0.y }
      for (index, (box, text)) in boxes.enumerated() {
        for (other, otherText) in boxes[(index + 1)...] {
          if other.y >= box.maxY { break }
          #expect(
            other.x >= box.maxX || box.x >= other.maxX,
            "\(figure.name) \(size): \(text) meets \(otherText)")
        }
      }
    }
  }

  @Test func everyFigureIsRegisteredOnce() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Reporting/Figures")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { $0.replacingOccurrences(of: ".swift", with: "") }
    let registered = FigureRegistry.all.map { "\($0)" } + FigureRegistry.captures.map { "\($0)" }
    #expect(Set(files) == Set(registered))
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
    result.arrays.attentionLoss = nothing
    result.arrays.referenceLoss = nothing
    result.arrays.foldChunks = nothing
    result.arrays.attentionMean = nothing
    result.arrays.keyNormMean = nothing
    result.heads[0].measures = Measures(alr: .infinity, alrNormalized: .nan, alrRatio: -.infinity)
    result.layers[0].alrRatio = .nan
    result.layers[0].layer = 1_000_000
    result.layers[1].alrRatioSE = .infinity
    result.recommendation.layers = [-1, 5_000_000]
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
      files.map(\.path) == [
        "report.html", "figures/alr.svg", "figures/alr.png", "figures/alr-ratio.svg",
        "figures/alr-ratio.png", "figures/attention-loss.svg", "figures/attention-loss.png",
        "figures/layers.svg", "figures/layers.png",
      ])
    #expect(files.allSatisfy { !$0.bytes.isEmpty })
  }
}
