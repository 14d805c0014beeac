import Results

extension PlanObjective {
  /// The rule whose plans kept most of what a model knows, where they were compared by perplexity on
  /// text that they were not made on; docs/results/plans.md has the figures.
  ///
  /// By sensitivity shares of layers kept most at every budget, and more than shares by head. Budgets by
  /// output error were a little worse than one share for all where one model gave up more than a third,
  /// and far better in the other. Of attention loss the simple rule is recommended: its budgets were
  /// worse than that in one of two models at every share.
  public var usualRule: any PlanRule.Type {
    switch self {
    case .sensitivity: LayerRatios.self
    case .outputError: HeadBudgets.self
    case .attentionLoss: UniformShare.self
    }
  }
}
