import AttentionAnalysis
import ModelFiles
import Results
import TestSupport
import Testing

@testable import Reporting

/// What figures of captures show is what was captured.
@Suite struct CaptureFigureValueTests {
  private let first = FigureOptions(heads: [HeadIndex(layer: 0, head: 0)])

  private func grids(_ scene: Scene) -> [CellGrid] {
    scene.primitives.compactMap { if case .cells(let grid) = $0 { grid } else { nil } }
  }

  private func bars(_ scene: Scene) -> [Rectangle] {
    scene.primitives.compactMap {
      if case .rectangle(let rectangle, let paint) = $0, case .color = paint.source {
        rectangle
      } else {
        nil
      }
    }
  }

  private func texts(_ scene: Scene) -> [String] {
    scene.primitives.compactMap { if case .label(let label) = $0 { label.text } else { nil } }
  }

  /// Two tokens a cell: one high score of four is seen, whichever comes last.
  @Test func pooledCellsAreTheGreatest() throws {
    var capture = SyntheticCapture.make(tokens: 200)
    guard case .dense(let captured) = capture.arrays.attention else {
      Issue.record("no dense attention")
      return
    }
    var scores = captured.values
    scores[100 * 200 + 41] = 0.9
    capture.arrays.attention = .dense(NumberArray(shape: captured.shape, values: scores))
    let map = try #require(grids(AttentionMapFigure.scene(capture, options: first)).first)
    #expect(map.rows == 100)
    #expect(map.colors[50 * 100 + 20] == ColorMap.viridis.color(at: Double(Float(0.9))))
    #expect(map.colors[50 * 100 + 51] == nil)
  }

  /// Norms are 1.25, 2.5, … 16.25 by turns; the axis ends at 20, or at 15 where two share a bar.
  @Test(arguments: [(13, 20.0), (260, 15.0)]) func barsAreTheNorms(tokens: Int, limit: Double) {
    let capture = SyntheticCapture.make(tokens: tokens, isSparse: tokens > 200)
    let norms = capture.keyNorms(layer: 0, head: 0) ?? []
    let pooling = TokenAxis(capture.tokens).pooling
    let wanted = stride(from: 0, to: tokens, by: pooling).map { start in
      norms[start..<min(start + pooling, tokens)].min() ?? 0
    }
    let drawn = bars(AttentionMapFigure.scene(capture, options: first))
    #expect(drawn.count == wanted.count)
    for (bar, norm) in zip(drawn, wanted) {
      #expect(abs(bar.height - norm / limit * AttentionMapFigure.normHeight) < 1e-9)
      #expect(abs(bar.maxY - drawn[0].maxY) < 1e-9)
    }
  }

  /// Unchanged, random dimensions, peak dimensions: each map under its name and with its effect.
  @Test func mapsBeforeAndAfter() throws {
    let capture = SyntheticCapture.make(tokens: 12)
    let result = try #require(PeakDimensions(capture, layer: 0, head: 0))
    #expect(result.withoutPeaks != result.before && result.withoutRandom != result.withoutPeaks)
    let scene = PeakDimensionsFigure.scene(capture, options: first.withPeaks(of: capture))
    let maps = [result.before, result.withoutRandom, result.withoutPeaks]
    let drawn = grids(scene)
    #expect(drawn.count >= maps.count)
    for (grid, rows) in zip(drawn, maps) {
      for (query, row) in rows.enumerated() {
        #expect(
          Array(grid.colors[query * 12...query * 12 + query])
            == row.map { ColorMap.viridis.color(at: Double($0)) })
      }
    }
    let (random, peaks) = (
      result.moved(to: result.withoutRandom), result.moved(to: result.withoutPeaks)
    )
    func effect(_ share: Double) -> String {
      NumberText.fixed(100 * share, decimals: 1) + " % of attention moves below the line"
    }
    let shown = texts(scene)
    let names = ["Layer 0, head 0", "Random dimensions zeroed", "Peak dimensions zeroed"]
    let subtitles = ["unchanged keys", effect(random), effect(peaks)]
    for (name, subtitle) in zip(names, subtitles) {
      let place = try #require(shown.firstIndex(of: name))
      #expect(shown[place + 1] == subtitle)
    }
    // The line lies above the row of the first changed query.
    let dashed = scene.primitives.compactMap { primitive -> Double? in
      if case .polyline(let points, let stroke) = primitive, !stroke.dash.isEmpty {
        points[0].y
      } else {
        nil
      }
    }
    let map = try #require(grids(scene).first)
    #expect(dashed.count == 3)
    #expect(dashed.allSatisfy { $0 == map.origin.y + Double(result.step) * map.cellHeight })
  }

  /// A bar a dimension, as high as its value, in another colour at the first position.
  @Test func barsAreTheKey() throws {
    let capture = SyntheticCapture.make(tokens: 6)
    for position in [0, 5] {
      let options = FigureOptions(heads: [HeadIndex(layer: 0, head: 0)], positions: [position])
      let scene = KeyVectorFigure.scene(capture, options: options)
      let polygons = scene.primitives.compactMap { primitive -> ([Point], Paint)? in
        if case .polygon(let points, let paint) = primitive { (points, paint) } else { nil }
      }
      let key = try #require(capture.key(layer: 0, head: 0, position: position))
      #expect(polygons.count == key.count)
      let highest = key.map { Double($0) }.map(\.magnitude).max() ?? 0
      let scale = try #require(
        zip(polygons, key).first { Double($0.1).magnitude == highest }.map {
          ($0.0.0[0].y - $0.0.0[1].y) / Double($0.1)
        })
      for (polygon, value) in zip(polygons, key) {
        #expect(abs(polygon.0[0].y - polygon.0[1].y - Double(value) * scale) < 1e-9)
        #expect(polygon.1 == .role(position == 0 ? .warning : .accent))
      }
      let sparsity = try #require(KeySparsity(key))
      #expect(
        texts(scene).contains {
          $0.contains("Hoyer \(NumberText.fixed(sparsity.hoyer, decimals: 2))")
            && $0.hasPrefix("norm \(NumberText.significant(sparsity.norm))")
        })
    }
  }

  /// One scale for all positions of a head, so that norms can be compared.
  @Test func keysOfAHeadShareTheirScale() throws {
    var capture = SyntheticCapture.make(tokens: 6)
    let keys = try #require(capture.arrays.keys)
    // The first position's key, of eight dimensions, is a tenth as long.
    let values = keys.values.enumerated().map { $0.offset < 8 ? $0.element / 10 : $0.element }
    capture.arrays.keys = NumberArray(shape: keys.shape, values: values)
    let options = FigureOptions(heads: [HeadIndex(layer: 0, head: 0)], positions: [0, 1])
    let bars = KeyVectorFigure.scene(capture, options: options).primitives.compactMap {
      if case .polygon(let points, _) = $0 { points[0].y - points[1].y } else { nil }
    }
    let scales = zip(bars, values).filter { abs($0.1) > 1 }.map { $0.0 / Double($0.1) }
    #expect(scales.count > 8 && bars.count == 16)
    #expect(scales.allSatisfy { abs($0 - scales[0]) < 1e-6 })
  }
}
