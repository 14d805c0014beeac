import Results

extension PlanObjective {
  /// Up to this share saved, budgets by output error were better than one share for all.
  static let mostForBudgets = 0.3

  /// The rule whose plans kept most of what a model knows, where they were compared by perplexity on
  /// text that they were not made on; docs/results/plans.md has the figures.
  ///
  /// By sensitivity shares of layers kept most at every budget, and more than shares by head. Attention
  /// loss gave no budgets worth having, and beyond a third of the cache neither did output error: the
  /// simple rule is recommended there.
  ///
  /// - Parameter saved: share of the cache.
  public func usualRule(saving saved: Double) -> any PlanRule.Type {
    switch self {
    case .sensitivity: LayerRatios.self
    case .outputError where saved <= Self.mostForBudgets: HeadBudgets.self
    case .outputError, .attentionLoss: UniformShare.self
    }
  }
}
