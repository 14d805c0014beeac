import Results

/// A way of sharing out what is dropped among the KV heads of a model.
///
/// To add one: a file in `Planning/Rules` with a type that conforms, and a line in `PlanRules`.
public protocol PlanRule: Sendable {
  /// What tables and `--rule` call it.
  static var name: String { get }
  /// One line that says what it does, with its paper.
  static var summary: String { get }
  static var kind: CompressionPlan.Kind { get }

  init()

  /// Shares dropped, one for each of the problem's heads; `nil` where the rule cannot drop so many.
  func shares(_ problem: PlanProblem) -> [Double]?
}

/// The rules there are.
public enum PlanRules {
  /// In the order of tables.
  public static let all: [any PlanRule.Type] = [
    UniformShare.self, PaperSkips.self, ChosenSkips.self, RandomSkips.self, LayerRatios.self,
    HeadBudgets.self, Pyramid.self, AdaptiveHeads.self, EntropyLayers.self,
  ]

  public static func named(_ name: String) -> (any PlanRule.Type)? {
    all.first { $0.name == name }
  }
}

/// So many positions are to go, at the least cost.
public struct PlanProblem: Sendable {
  public let costs: PlanCosts
  /// Of the objective, a curve for each of the costs' heads.
  public let curves: [CostCurve]
  /// What an ideal order would lose of attention, likewise.
  public var ideal: [CostCurve] { costs.idealCurves(folds: folds) }
  private let folds: [Int]
  /// The objective's curves of each fold by itself.
  let foldCurves: [[CostCurve]]
  /// Positions to drop of all heads together.
  public let dropped: Double

  /// No head is left with less than a fiftieth, where curves say little.
  public static let largestShare = 0.98

  /// - Parameter folds: whose chunks are looked at; as often as a fold is named it counts.
  public init(_ costs: PlanCosts, _ objective: PlanObjective, folds: [Int], dropped: Double) {
    self.costs = costs
    curves = costs.curves(objective, folds: folds)
    self.folds = folds
    foldCurves = folds.map { costs.curves(objective, folds: [$0]) }
    self.dropped = dropped
  }

  /// The sums of heads by compressible layer.
  var layerCurves: [CostCurve] { byLayer(curves).map(CostCurve.sum) }

  /// Values of heads, grouped by compressible layer.
  func byLayer<Value>(_ values: [Value]) -> [ArraySlice<Value>] {
    stride(from: 0, to: values.count, by: costs.kvHeads).map {
      values[$0..<$0 + costs.kvHeads]
    }
  }

  /// The shares of layers, for each of their heads.
  func spread(_ layerShares: [Double]) -> [Double] {
    layerShares.flatMap { [Double](repeating: $0, count: costs.kvHeads) }
  }

  /// One share for all layers but the skipped ones; `nil` where they would have to give up more
  /// than there is.
  func uniform(skipping skipped: Set<Int>) -> [Double]? {
    let places = Set(
      costs.compressible.indices.filter { skipped.contains(costs.compressible[$0]) })
    return Self.allowed(
      Allocation.uniform(layerCurves, dropping: dropped, skipping: places)
    ).map(spread)
  }

  /// Shares that are none too large, but for rounding.
  static func allowed(_ shares: [Double]?) -> [Double]? {
    guard let shares, shares.allSatisfy({ $0 <= largestShare + 1e-9 }) else { return nil }
    return shares.map { min($0, largestShare) }
  }
}

extension CostCurve {
  static func sum(_ curves: ArraySlice<CostCurve>) -> CostCurve { sum(Array(curves)) }
}
