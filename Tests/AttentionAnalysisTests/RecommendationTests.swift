import Testing

@testable import AttentionAnalysis

@Suite struct RecommendationTests {
  private func recommend(_ ratios: [(Double?, Double?)]) -> Recommendation {
    Recommendation(
      skippingByRatioOf: ratios.enumerated().map { index, ratio in
        LayerResult(
          layer: index, n: 10, window: nil, kvSource: nil, alr: 1, alrSE: nil, alrNormalized: 0.1,
          alrRatio: ratio.0, alrRatioSE: ratio.1, skip: false)
      })
  }

  @Test func skipsALayerSurelyWorseThanChance() {
    // The spread is wide enough that no layer stands out.
    let given = recommend([(1.4, 0.1), (0.9, 0.1), (0.2, 0.1), (0.5, 0.1)])
    #expect(given.layers == [0])
    #expect(
      given.reasons == [
        "Layer 0: alr_ratio 1.4000 ± 0.1000; its lower 95 % bound 1.2040 is above 1: "
          + "key norms do worse than chance."
      ])
  }

  @Test func anUncertainLayerIsKept() {
    #expect(recommend([(1.4, 0.21), (0.9, 0.1), (0.2, 0.1), (0.5, 0.1)]).layers == [])
  }

  @Test func withoutAnIntervalAboveOneIsSkipped() {
    let given = recommend([(1.4, nil), (0.9, nil), (0.2, nil), (1, nil), (0.5, nil)])
    #expect(
      given.reasons == [
        "Layer 0: alr_ratio 1.4000; it is above 1, worse than chance, but one chunk gives no "
          + "interval."
      ])
    #expect(given.layers == [0])
    #expect(recommend([(1.5, nil), (1.4, nil), (1.3, nil)]).layers == [0, 1, 2])
  }

  @Test func skipsALayerThatStandsOut() {
    let given = recommend([(0.8, 0.01), (0.2, 0.01), (0.21, 0.01), (0.19, 0.01), (0.22, 0.01)])
    #expect(given.layers == [0])
    // Median 0.21, MAD 0.01.
    #expect(
      given.reasons == [
        "Layer 0: alr_ratio 0.8000 ± 0.0100; it lies above median + 3 * 1.4826 * MAD = 0.2545."
      ])
  }

  @Test func givesBothReasonsWhereBothHold() {
    let given = recommend([(1.8, 0.01), (0.2, 0.01), (0.21, 0.01), (0.19, 0.01), (0.22, 0.01)])
    #expect(given.reasons.count == 1)
    #expect(given.reasons[0].contains("1.7804 is above 1"))
    #expect(given.reasons[0].contains(", and it lies above"))
  }

  @Test func saysWhyNoneIsSkipped() {
    let given = recommend([(0.3, 0.01), (0.2, 0.01), (0.25, 0.01)])
    #expect(given.layers == [])
    #expect(given.rule == Recommendation.ratioRule)
    #expect(
      given.reasons == [
        "No layer is skipped: the largest alr_ratio, 0.3000, is not surely above 1 and not above "
          + "median + 3 * 1.4826 * MAD = 0.4724."
      ])
  }

  @Test func undefinedRatiosNeitherCountNorSkip() {
    #expect(
      recommend([(nil, nil), (nil, nil)]).reasons == [
        "No layer is skipped: alr_ratio is undefined in every layer."
      ])
    let given = recommend([(nil, nil), (1.4, 0.1), (0.9, 0.1), (0.2, 0.1), (0.5, 0.1)])
    #expect(given.layers == [1])
  }
}
