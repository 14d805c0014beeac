import Foundation
import Results
import Testing

@testable import Reporting

@Suite struct RunningCurveTests {
  /// Two settings, three chunks, four tokens.
  private static let tokens: Evaluation.TokenArrays = {
    let nll = [
      [[1.0, 3, 0.5, 2], [2, 2, 4, 0.25], [0.5, 1, 1, 6]],
      [[2.0, 3, 0.75, 2], [2.5, 2, 5, 0.5], [0.5, 1.5, 1, 7]],
    ]
    let correct = [
      [[1.0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 0]],
      [[0.0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 1, 0]],
    ]
    return .init(
      settings: 2, chunks: 3, positions: 4, nll: nll.flatMap { $0.flatMap { $0 } },
      correct: correct.flatMap { $0.flatMap { $0 } })
  }()

  /// By the protocol's words: running mean → exp → mean over chunks → log.
  private func plain(setting: Int, length: Int) -> (value: Double, low: Double, high: Double) {
    let perplexities = (0..<3).map { chunk in
      let row = Self.tokens.row(\.nll, setting: setting, chunk: chunk).prefix(length)
      return exp(row.reduce(0, +) / Double(length))
    }
    let mean = perplexities.reduce(0, +) / 3
    let deviation = (perplexities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
    let error = deviation / 3.0.squareRoot()
    return (log(mean), log(mean - error), log(mean + error))
  }

  @Test(arguments: [0, 1]) func logPerplexity(setting: Int) {
    let curve = RunningCurve.logPerplexity(Self.tokens, setting: setting)
    #expect(curve.lengths == [1, 2, 3, 4])
    for position in 0..<4 {
      let wanted = plain(setting: setting, length: position + 1)
      #expect(abs(curve.values[position] - wanted.value) < 1e-12)
      #expect(abs(curve.low[position] - wanted.low) < 1e-12)
      #expect(abs(curve.high[position] - wanted.high) < 1e-12)
    }
  }

  @Test func accuracy() {
    let curve = RunningCurve.accuracy(Self.tokens, setting: 0)
    // Chunks: 1 ½ ⅔ ½; 0 0 0 ¼; 1 1 1 ¾.
    let wanted = [2.0 / 3, 0.5, 5.0 / 9, 0.5]
    for (value, wanted) in zip(curve.values, wanted) { #expect(abs(value - wanted) < 1e-12) }
    // 1, 0 and 1 deviate by √⅓ from their mean, whose error is a third.
    #expect(abs(curve.high[0] - 1) < 1e-12 && abs(curve.low[0] - 1.0 / 3) < 1e-12)
  }

  @Test func poolingDropsTheRemainder() {
    let curve = RunningCurve.logPerplexity(Self.tokens, setting: 0)
    let pooled = curve.pooled(2, skip: 1)
    #expect(pooled.lengths == [2.5])
    #expect(pooled.values == [(curve.values[1] + curve.values[2]) / 2])
    #expect(curve.pooled(1, skip: 0) == curve)
    #expect(curve.pooled(5, skip: 0).values.isEmpty && curve.pooled(1, skip: 4).values.isEmpty)
  }

  @Test func whatIsNotFiniteStaysOut() {
    var tokens = Self.tokens
    tokens.nll[2] = 1e6
    let curve = RunningCurve.logPerplexity(tokens, setting: 0)
    #expect(curve.values[1].isFinite && !curve.values[2].isFinite && !curve.values[3].isFinite)
    var evaluation = SyntheticEvaluation.make(.lm, settings: 2, chunks: 3, positions: 4)
    evaluation.tokens = tokens
    let scene = LogPerplexityFigure.scene(evaluation, options: FigureOptions())
    #expect(SceneLayout(scene: scene).problems.isEmpty)
    evaluation.tokens = nil
    let empty = LogPerplexityFigure.scene(evaluation, options: FigureOptions())
    #expect(SceneLayout(scene: empty).problems.isEmpty)
    #expect(empty.texts.contains("no values"))
  }

  @Test func exponentialAndLogarithm() {
    let worst = stride(from: -700.0, through: 700, by: 0.37).map { value in
      abs(Exponential.natural(value) - exp(value)) / exp(value)
    }.max()
    #expect((worst ?? 1) < 2e-15)
    #expect(Exponential.natural(0) == 1 && Exponential.natural(-1e9) == 0)
    #expect(Exponential.natural(1e9) == .infinity && Exponential.natural(.nan).isNaN)
    for value in [1e-300, 0.3, 1, 2.718281828459045, 17, 1e300] {
      let own = Logarithm.natural(value) ?? .nan
      #expect(abs(own - log(value)) <= 1e-13 * max(1, abs(log(value))))
    }
  }

  /// The curve of a figure is the values, in the place that the axes say.
  @Test func figureShowsTheCurve() throws {
    let evaluation = SyntheticEvaluation.make(.lm, settings: 2, chunks: 4, positions: 90)
    let tokens = try #require(evaluation.tokens)
    let scene = LogPerplexityFigure.scene(evaluation, options: FigureOptions(pool: 1, skip: 30))
    let strokes = [LineStyles.stroke(0), LineStyles.reference]
    let curves = scene.primitives.compactMap { primitive -> [Point]? in
      guard case .polyline(let points, let stroke) = primitive, strokes.contains(stroke),
        points.count > 2
      else { return nil }
      return points
    }
    #expect(curves.count == 2 && curves.allSatisfy { $0.count == 60 })
    // The last drawn lies on top: no compression.
    let reference = try #require(curves.last)
    let curve = RunningCurve.logPerplexity(tokens, setting: 0)
    let (first, last) = (reference[0], reference[59])
    for index in [0, 20, 41, 59] {
      let share =
        (curve.values[30 + index] - curve.values[30]) / (curve.values[89] - curve.values[30])
      let wanted = first.y + share * (last.y - first.y)
      #expect(abs(reference[index].y - wanted) < 1e-9)
      let x = first.x + Double(index) / 59 * (last.x - first.x)
      #expect(abs(reference[index].x - x) < 1e-9)
    }
    #expect(first.y < last.y, "the loss falls")
    #expect(scene.texts.contains { $0.contains("the first 30 points left out") })
  }
}
