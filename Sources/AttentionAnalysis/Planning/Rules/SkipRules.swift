import Foundation
import Results

/// The same share of every layer.
public struct UniformShare: PlanRule {
  public static let name = "uniform"
  public static let summary = "the same share of every layer"
  public static let kind = CompressionPlan.Kind.skip

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? { problem.uniform(skipping: []) }
}

/// The paper's default: layers 0 and 1 keep everything, the others give up as much more.
public struct PaperSkips: PlanRule {
  public static let name = "skip-0-1"
  public static let summary = "layers 0 and 1 keep everything (the paper's default)"
  public static let kind = CompressionPlan.Kind.skip

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? { problem.uniform(skipping: [0, 1]) }
}

/// Layers chosen so that the predicted cost at the same total memory is least.
///
/// A layer is added as long as that lowers the cost, counting what the others must give up for it,
/// by more than the standard error of the difference over folds of chunks.
public struct ChosenSkips: PlanRule {
  public static let name = "skip-chosen"
  public static let summary = "layers keep everything whose loss is worth more than their memory"
  public static let kind = CompressionPlan.Kind.skip

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    problem.uniform(skipping: skipped(problem))
  }

  /// The layers that are skipped.
  func skipped(_ problem: PlanProblem) -> Set<Int> {
    let folds = problem.foldCurves.map { fold in problem.byLayer(fold).map(CostCurve.sum) }
    let layers = problem.layerCurves
    var skipped: Set<Int> = []
    func shares(_ skipped: Set<Int>) -> [Double]? {
      PlanProblem.allowed(
        Allocation.uniform(layers, dropping: problem.dropped, skipping: skipped))
    }
    guard var current = shares([]) else { return [] }
    while true {
      var best: (place: Int, shares: [Double], cost: Double)?
      for place in layers.indices where !skipped.contains(place) {
        guard let next = shares(skipped.union([place])) else { continue }
        let cost = Allocation.cost(layers, next)
        if cost < best?.cost ?? Allocation.cost(layers, current) { best = (place, next, cost) }
      }
      guard let best else { break }
      let gains = folds.map { Allocation.cost($0, current) - Allocation.cost($0, best.shares) }
      let gain = Statistics.mean(gains) ?? 0
      if gains.count > 1, gain <= Statistics.standardError(gains) ?? 0 { break }
      skipped.insert(best.place)
      current = best.shares
    }
    return Set(skipped.map { problem.costs.compressible[$0] })
  }
}

/// Two layers drawn by lot, the same ones every time.
public struct RandomSkips: PlanRule {
  public static let name = "skip-random"
  public static let summary = "two layers drawn by lot keep everything"
  public static let kind = CompressionPlan.Kind.skip

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    var lots = SplitMix64(seed: 17)
    return problem.uniform(
      skipping: Set(problem.costs.compressible.shuffled(using: &lots).prefix(2)))
  }
}
