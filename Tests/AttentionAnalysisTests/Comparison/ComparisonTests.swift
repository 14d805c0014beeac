import Inference
import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

struct ComparisonTests {
  private static let scores: [any EvictionScore] = [KeyNorm(), KeyNormHigh(), RandomScore()]

  /// A result for each score, of made-up attention.
  private static func results(
    chunks: Int, _ run: SyntheticRun = .small
  ) throws -> [AnalysisResult] {
    let measurer = try run.measurer(scores)
    var accumulators = scores.map { _ in RunAccumulator(shape: run.shape) }
    for chunk in 0..<chunks {
      for layer in run.shape.layers.indices {
        for kvHead in 0..<run.shape.kvHeads {
          let records = try run.records(chunk: chunk, layer: layer, kvHead: kvHead, by: measurer)
          for (index, record) in records.enumerated() { try accumulators[index].add(record) }
        }
      }
    }
    return try zip(scores, accumulators).map { score, accumulator in
      var result = try run.result(accumulator)
      result.protocolSummary.score = score.name
      return result
    }
  }

  /// Σ numerators / Σ denominators of chunk values, without one of them where one is named.
  private static func ratio(
    _ result: AnalysisResult, _ layer: Int, _ kvHead: Int?, without left: Int? = nil
  ) -> Double {
    let width = kvHead == nil ? result.model.heads : result.model.kvHeads
    func sum(_ array: NumericArray) -> Double {
      var sum = 0.0
      for chunk in 0..<result.corpus.chunks where chunk != left {
        for column in 0..<width where kvHead == nil || column == kvHead {
          sum += array.values[(chunk * result.model.layers + layer) * width + column]
        }
      }
      return sum
    }
    return sum(result.arrays[kvHead == nil ? .alr : .kvALR])
      / sum(result.arrays[kvHead == nil ? .randomALR : .kvRandomALR])
  }

  /// The jackknife error of a difference, from its definition.
  private static func error(_ values: [Double]) -> Double {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return ((count - 1) / count * values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
      .squareRoot()
  }

  @Test func placesAreThoseOfSingleRuns() throws {
    let results = try Self.results(chunks: 5)
    let comparison = try #require(ScoreComparison(results))
    #expect(comparison.scores == ["key-norm", "key-norm-high", "random"])
    #expect(comparison.layers.count == 3 && comparison.kvHeads.count == 6)
    for (index, result) in results.enumerated() {
      for (place, layer) in zip(comparison.layers, result.layers) {
        let row = place.rows[index]
        #expect(place.layer == layer.layer && place.kvHead == nil)
        #expect(row.alr == layer.alr && row.alrSE == layer.alrSE)
        #expect(isClose(row.alrNormalized, layer.alrNormalized ?? .nan, within: 1e-15))
        #expect(row.alrRatio == layer.alrRatio && row.alrRatioSE == layer.alrRatioSE)
      }
      for (place, head) in zip(comparison.kvHeads, result.kvHeads) {
        let row = place.rows[index]
        #expect(place.layer == head.layer && place.kvHead == head.kvHead)
        #expect(row.alr == head.measures.alr && row.alrRatio == head.measures.alrRatio)
        #expect(row.alrRatioSE == head.measures.alrRatioSE)
      }
    }
  }

  @Test func theBestHasTheLowestRatioAndAPairedMargin() throws {
    let results = try Self.results(chunks: 6)
    let comparison = try #require(ScoreComparison(results))
    for place in comparison.layers + comparison.kvHeads {
      let layer = try #require(place.layer)
      let ratios = results.map { Self.ratio($0, layer, place.kvHead) }
      let order = ratios.indices.sorted { ratios[$0] < ratios[$1] }
      #expect(place.rows.map(\.rank) == ratios.map { own in 1 + ratios.count { $0 < own } })
      let best = try #require(place.best)
      #expect(best.score == order[0] && best.runnerUp == order[1])
      #expect(isClose(best.margin, ratios[order[1]] - ratios[order[0]], within: 1e-12))
      let error = Self.error(
        (0..<6).map { chunk in
          Self.ratio(results[order[1]], layer, place.kvHead, without: chunk)
            - Self.ratio(results[order[0]], layer, place.kvHead, without: chunk)
        })
      #expect(isClose(best.marginSE, error, within: 1e-12))
      // 2.571: Student's t at 97.5 % with 5 degrees of freedom.
      #expect(best.isClear == ((best.margin ?? 0) > 2.570_581_8 * error))
    }
    let wins = comparison.wins(at: comparison.kvHeads)
    #expect(wins.reduce(0, +) == 6)
    let one = try #require(ScoreComparison(try Self.results(chunks: 1)))
    #expect(one.overall.best?.marginSE == nil && one.overall.best?.isClear == nil)
  }

  // MARK: Two runs

  @Test func theSameChunksArePaired() throws {
    let results = try Self.results(chunks: 6)
    let comparison = RunComparison(results[0], results[2], tool: "test")
    #expect(comparison.isPaired && comparison.layers.count == 3)
    for row in comparison.layers {
      let layer = try #require(row.layer)
      let (a, b) = (Self.ratio(results[0], layer, nil), Self.ratio(results[2], layer, nil))
      #expect(isClose(row.first, a, within: 1e-12) && isClose(row.second, b, within: 1e-12))
      #expect(isClose(row.difference, b - a, within: 1e-12))
      let error = Self.error(
        (0..<6).map {
          Self.ratio(results[2], layer, nil, without: $0)
            - Self.ratio(results[0], layer, nil, without: $0)
        })
      #expect(isClose(row.differenceSE, error, within: 1e-12))
    }
    let expected = Oracle.spearman(
      results[0].kvHeads.compactMap(\.measures.alrRatio),
      results[2].kvHeads.compactMap(\.measures.alrRatio))
    #expect(isClose(comparison.kvHeadsSpearman, expected, within: 1e-12))
    #expect(
      comparison.limits == [.fact(name: "score", first: "key-norm", second: "random")])
  }

  @Test func otherChunksAreIndependent() throws {
    let first = try Self.results(chunks: 6)[0]
    for change in 0..<2 {
      var second = try Self.results(chunks: change == 0 ? 5 : 6)[0]
      if change == 1 { second.corpus.fingerprint = "other" }
      let comparison = RunComparison(first, second, tool: "test")
      #expect(!comparison.isPaired)
      for (row, layers) in zip(comparison.layers, zip(first.layers, second.layers)) {
        let (a, b) = (layers.0.alrRatioSE ?? .nan, layers.1.alrRatioSE ?? .nan)
        #expect(isClose(row.differenceSE, (a * a + b * b).squareRoot(), within: 1e-12))
      }
    }
  }

  /// What can still be compared is, and what cannot is said.
  @Test func modelsOfOtherShapes() throws {
    let first = try Self.results(chunks: 3)[0]
    func other(layers: Int, heads: Int, kvHeads: Int) throws -> RunComparison {
      let run = SyntheticRun(
        shape: RunShape(
          layers: (0..<layers).map { _ in .init() }, heads: heads, kvHeads: kvHeads,
          chunkLength: 40))
      return RunComparison(first, try Self.results(chunks: 3, run)[0], tool: "test")
    }
    let layers = try other(layers: 4, heads: 4, kvHeads: 2)
    #expect(layers.limits == [.layers(3, 4)] && layers.layers.isEmpty)
    #expect(layers.headsSpearman == nil && layers.overall.difference != nil)
    let heads = try other(layers: 3, heads: 8, kvHeads: 2)
    #expect(heads.limits == [.heads(4, 8)] && heads.layers.count == 3)
    #expect(heads.headsSpearman == nil && heads.kvHeadsSpearman != nil)
    let kvHeads = try other(layers: 3, heads: 4, kvHeads: 4)
    #expect(kvHeads.limits == [.kvHeads(2, 4)])
    #expect(kvHeads.headsSpearman != nil && kvHeads.kvHeadsSpearman == nil)
  }
}
