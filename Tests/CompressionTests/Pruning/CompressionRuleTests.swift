import Testing

@testable import Compression

/// When heads are pruned, and to how many positions.
struct CompressionRuleTests {
  private static func rule(
    _ budget: CompressionRule.Budget, pruneAfter: Int = 0
  ) -> CompressionRule {
    CompressionRule(
      policy: KeepLow(PolicyOptions()), budget: budget, pruneAfter: pruneAfter)
  }

  @Test func sharesAreRoundedUpAndSkippedLayersKeepAll() {
    let rule = Self.rule(.ratio(0.98, layers: 3, kvHeads: 2, skippedLayers: [1]), pruneAfter: 1000)
    #expect(rule.keptCount(of: 999, layer: 0, kvHead: 0) == 999)
    #expect(rule.keptCount(of: 1000, layer: 0, kvHead: 1) == 980)
    #expect(rule.keptCount(of: 1001, layer: 2, kvHead: 0) == 981)
    #expect(rule.keptCount(of: 5000, layer: 1, kvHead: 0) == 5000)
    // 0.1 · 30 is a little above 3 in doubles, and so 4 stay, as in Python.
    #expect(
      Self.rule(.ratio(0.1, layers: 1, kvHeads: 1, skippedLayers: [])).keptCount(
        of: 30, layer: 0, kvHead: 0) == (0.1 * 30 > 3 ? 4 : 3))
    #expect(
      Self.rule(.ratio(0.5, layers: 1, kvHeads: 1, skippedLayers: [])).keptCount(
        of: 1, layer: 0, kvHead: 0) == 1)
  }

  @Test func aStrictBudgetKeepsExactlySoMany() {
    let rule = Self.rule(.exactly(100, skippedLayers: [0]), pruneAfter: 101)
    #expect(rule.keptCount(of: 100, layer: 1, kvHead: 0) == 100)
    #expect(rule.keptCount(of: 101, layer: 1, kvHead: 0) == 100)
    #expect(rule.keptCount(of: 101, layer: 0, kvHead: 0) == 101)
    #expect(rule.tokensUntilPruning(from: 0, layer: 1, kvHead: 0, limit: 500) == 101)
    #expect(rule.tokensUntilPruning(from: 100, layer: 1, kvHead: 0, limit: 500) == 1)
    #expect(rule.tokensUntilPruning(from: 100, layer: 0, kvHead: 0, limit: 500) == nil)
  }

  @Test func aBlockEndsWhereSomethingIsDropped() {
    let rule = Self.rule(.ratio(0.98, layers: 1, kvHeads: 1, skippedLayers: []), pruneAfter: 1000)
    #expect(rule.tokensUntilPruning(from: 0, layer: 0, kvHead: 0, limit: 4000) == 1000)
    #expect(rule.tokensUntilPruning(from: 980, layer: 0, kvHead: 0, limit: 4000) == 20)
    #expect(rule.tokensUntilPruning(from: 980, layer: 0, kvHead: 0, limit: 19) == nil)
    // A share so large that nothing goes until there are enough of them.
    let gentle = Self.rule(.ratio(0.9, layers: 1, kvHeads: 1, skippedLayers: []))
    #expect(gentle.tokensUntilPruning(from: 0, layer: 0, kvHead: 0, limit: 100) == 10)
    #expect(
      CompressionRule.none().tokensUntilPruning(from: 0, layer: 0, kvHead: 0, limit: 9) == nil)
  }

  @Test func plansGiveEachHeadItsShare() {
    let rule = Self.rule(.ratios([[1, 0.5], [0.25, 1]]), pruneAfter: 8)
    #expect(rule.keptCount(of: 8, layer: 0, kvHead: 0) == 8)
    #expect(rule.keptCount(of: 8, layer: 0, kvHead: 1) == 4)
    #expect(rule.keptCount(of: 8, layer: 1, kvHead: 0) == 2)
    #expect(rule.keptCount(of: 7, layer: 1, kvHead: 0) == 7)
  }
}
