import Results

/// A share for each layer at the least predicted cost.
public struct LayerRatios: PlanRule {
  public static let name = "layer-ratios"
  public static let summary = "a share for each layer, by marginal cost"
  public static let kind = CompressionPlan.Kind.layerRatios

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    problem.spread(
      Allocation.cheapest(
        problem.layerCurves, dropping: problem.dropped, limit: PlanProblem.largestShare))
  }
}

/// A share for each KV head at the least predicted cost.
public struct HeadBudgets: PlanRule {
  public static let name = "head-budgets"
  public static let summary = "a share for each KV head, by marginal cost"
  public static let kind = CompressionPlan.Kind.headBudgets

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    Allocation.cheapest(
      problem.curves, dropping: problem.dropped, limit: PlanProblem.largestShare)
  }
}
