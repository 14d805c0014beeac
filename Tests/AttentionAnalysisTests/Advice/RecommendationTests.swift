import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct RecommendationTests {
  /// Chunks whose ratio is exactly `ratio`, and whose values scatter around it by `spread`.
  ///
  /// The scatter of layer `layer` is unlike that of any other.
  static func sums(_ ratio: Double, spread: Double, chunks: Int, layer: Int = 0) -> ChunkSums {
    var generator = SplitMix64(seed: UInt64(layer + 1))
    var offsets = (0..<chunks).map { _ in Double.random(in: -1...1, using: &generator) }
    let mean = offsets.reduce(0, +) / Double(chunks)
    offsets = offsets.map { $0 - mean }
    let size = offsets.map { $0 * $0 }.reduce(0, +) / Double(max(chunks - 1, 1))
    let scale = size > 0 ? spread / size.squareRoot() : 0
    return ChunkSums(
      alr: offsets.map { 4 * (ratio + scale * $0) },
      random: [Double](repeating: 4, count: chunks))
  }

  private func recommend(
    _ ratios: [Double], spread: Double, chunks: Int, heads: [Double]? = nil
  ) -> Recommendation {
    func layers(_ ratios: [Double]) -> [ChunkSums] {
      ratios.enumerated().map {
        Self.sums($1, spread: spread, chunks: chunks, layer: $0)
      }
    }
    return Recommendation(kvHeads: layers(ratios), heads: heads.map(layers))
  }

  private static let alike = [0.2, 0.22, 0.24, 0.26, 0.28, 0.3, 0.32]

  @Test func skipsALayerSurelyWorseThanChance() throws {
    // Wide apart, so that none stands out.
    let given = recommend([1.4, 0.9, 0.2, 0.5], spread: 0.1, chunks: 16)
    #expect(given.layers(.skip) == [0])
    let row = try #require(given[layer: 0])
    // 2.1314 is Student's t with 15 degrees, 0.025 the standard error.
    #expect(isClose(row.low, 1.4 - 2.131_449_545_56 * 0.025, within: 1e-9))
    #expect(isClose(row.high, 1.4 + 2.131_449_545_56 * 0.025, within: 1e-9))
    #expect(row.chunksNeeded == nil)
    #expect(
      given.reasons[0]
        == "Skip layer 0: worse than dropping at random (ratio 1.40, 95 % interval 1.347 to 1.453)."
    )
  }

  @Test func skipsALayerThatStandsOut() throws {
    let given = recommend(Self.alike + [0.8, 0.83], spread: 0.01, chunks: 16)
    #expect(given.layers(.skip) == [7, 8] && given.layers(.compress) == Array(0..<7))
    #expect(given[layer: 7]?.standsOut == 1 && given[layer: 0]?.standsOut == 0)
    #expect(
      given.reasons == [
        "Skip layers 7, 8: far worse than the other layers (ratios 0.80 to 0.83; the middle layer "
          + "0.28).",
        "Compress layers 0-6: better than dropping at random, and not far worse than the other "
          + "layers (ratios 0.20 to 0.32).",
      ])
  }

  /// The case of two chunks whose ratio is 1.007 ± 0.039, which once was "compress".
  @Test func whatTheChunksDoNotDecideIsUnsure() throws {
    let given = recommend(Self.alike + [1.007], spread: 0.055, chunks: 2)
    #expect(given[layer: 7]?.answer == .unsure)
    #expect(given.layers(.skip) == [])
    // 16 times the chunks, and the same values: all others are better than chance, and alike.
    let more = recommend(Self.alike + [1.007], spread: 0.055, chunks: 32)
    #expect(more.layers(.compress) == Array(0..<7))
    // It stands out, whether or not it is worse than chance.
    #expect(more.layers(.skip) == [7])
    let near = recommend([0.2, 0.5, 0.9, 1.01], spread: 0.1, chunks: 8)
    let row = try #require(near[layer: 3])
    #expect(row.answer == .unsure)
    let low = try #require(row.low)
    let high = try #require(row.high)
    #expect(low < 1 && high > 1)
  }

  @Test func oneChunkTellsNothing() {
    let given = recommend([1.9, 0.1, 0.1, 0.1], spread: 0, chunks: 1)
    #expect(
      given.layers
        == [1.9, 0.1, 0.1, 0.1].enumerated().map {
          LayerAdvice(layer: $0, answer: .unsure, ratio: $1, headsAnswer: .unsure)
        })
    #expect(
      given.reasons == [
        "Cannot tell yet for layers 0-3: one chunk does not show how far a ratio may be off; "
          + "measure 8 or more (ratios 0.10 to 1.90)."
      ])
  }

  @Test func nothingFollowsFromUndefinedRatios() {
    let nothing = ChunkSums(alr: [0, 0, 0], random: [0, 0, 0])
    let broken = ChunkSums(alr: [.nan, 1, 1], random: [2, 2, 2])
    let given = Recommendation(kvHeads: [nothing, broken], heads: nil)
    #expect(given.layers == [0, 1].map { LayerAdvice(layer: $0, answer: nil) })
    #expect(
      given.reasons.count == 1 && given.reasons[0].hasPrefix("Nothing follows for layers 0, 1"))
    // They do not count among the others either.
    let others = (Self.alike + [0.8]).enumerated().map {
      Self.sums($1, spread: 0.01, chunks: 3, layer: $0)
    }
    let alone = Recommendation(kvHeads: others, heads: nil)
    let mixed = Recommendation(kvHeads: [nothing] + others + [broken], heads: nil)
    #expect(mixed.layers.dropFirst().dropLast().map(\.answer) == alone.layers.map(\.answer))
    #expect(mixed.layers.dropFirst().dropLast().map(\.standsOut) == alone.layers.map(\.standsOut))
    #expect(mixed[layer: 0]?.answer == nil && mixed[layer: 9]?.answer == nil)
    #expect(alone.layers.allSatisfy { $0.answer != nil })
  }

  /// Without one chunk there is no ratio, so the jackknife has no error: nothing is sure.
  @Test func aRatioWithoutAnErrorIsUnsure() {
    let lone = ChunkSums(alr: [1.5, 0, 0], random: [1, 0, 0])
    let others = [0.2, 0.5, 0.7].enumerated().map {
      Self.sums($1, spread: 0.001, chunks: 3, layer: $0)
    }
    let given = Recommendation(kvHeads: [lone] + others, heads: nil)
    #expect(given[layer: 0]?.answer == .unsure && given[layer: 0]?.low == nil)
    #expect(given.layers(.compress) == [1, 2, 3])
    #expect(given.reasons.last?.contains("without an error of the ratio") == true)
  }

  @Test(arguments: [1, 2]) func soFewLayersDoNotStandOut(layers: Int) {
    let better = recommend(Array([0.9, 0.1].prefix(layers)), spread: 0.001, chunks: 4)
    #expect(better.layers(.compress) == Array(0..<layers))
    #expect(better.layers.allSatisfy { $0.standsOut == 0 })
    // As alike as their noise: of three such layers, standing out would be open.
    let alike = recommend(Array([0.3, 0.31].prefix(layers)), spread: 0.1, chunks: 4)
    #expect(alike.layers(.compress) == Array(0..<layers))
    let worse = recommend(Array([1.1, 1.9].prefix(layers)), spread: 0.001, chunks: 4)
    #expect(worse.layers(.skip) == Array(0..<layers))
  }

  /// Where most layers are equal there is no spread to stand out by.
  @Test func equalLayersDoNotStandOut() {
    let layer = Self.sums(0.5, spread: 0.02, chunks: 6)
    let given = Recommendation(kvHeads: [ChunkSums](repeating: layer, count: 5), heads: nil)
    #expect(given.layers(.compress) == Array(0..<5))
    let exact = recommend([0, 0, 0, 0.4], spread: 0, chunks: 6)
    #expect(exact.layers(.compress) == Array(0..<4))
  }

  @Test func atTheThresholdNoNumberOfChunksWouldDecide() {
    let given = recommend([1, 0.6, 0.2], spread: 0.1, chunks: 16)
    #expect(given[layer: 0]?.answer == .unsure && given[layer: 0]?.chunksNeeded == nil)
    #expect(
      given.reasons.contains(
        "Cannot tell yet for layer 0: so near the limit that no reasonable number of chunks would "
          + "decide (ratio 1.00, 95 % interval 0.947 to 1.053)."), "\(given.reasons)")
  }

  @Test func saysWhereQueryHeadsWouldDecideOtherwise() {
    let given = recommend(
      [1.3, 0.4, 0.6, 0.5], spread: 0.01, chunks: 8, heads: [0.8, 0.4, 0.6, 1.4])
    #expect(given.layers(.skip) == [0] && given.layers(.compress) == [1, 2, 3])
    #expect(given.layers.map(\.headsAnswer) == [.compress, .compress, .compress, .skip])
    #expect(
      given.reasons.last
        == "Query heads by themselves would say skip for layer 3 and compress for layer 0; KV heads "
        + "decide, since a cache drops a position for all query heads of one.")
    // What they leave open is not another decision.
    let open = recommend(
      [1.3, 0.4, 0.6, 0.5], spread: 0.01, chunks: 8, heads: [1, 0.4, 0.6, 0.5])
    #expect(open[layer: 0]?.headsAnswer == .unsure && open.reasons.count == 2)
  }

  @Test func runsOfLayersAreShort() {
    #expect(NumberRanges.text([]) == "")
    #expect(NumberRanges.text([0, 1, 2, 4, 6, 7]) == "0-2, 4, 6, 7")
    #expect(NumberRanges.text([3]) == "3")
  }

  @Test func theWordsAreThree() {
    #expect(Answer.allCases.map(\.words) == ["skip", "compress", "cannot tell yet"])
  }
}
