import Results

/// PyramidKV's schedule (Cai et al., arXiv 2406.02069): what layers keep falls linearly from the first
/// to the last, which keeps a twentieth of the mean.
///
/// Where the first would keep more than there is, it keeps all, and the last the more.
public struct Pyramid: PlanRule {
  public static let name = "pyramid"
  public static let summary = "layers keep less the later they come (PyramidKV)"
  public static let kind = CompressionPlan.Kind.layerRatios

  /// The paper's β.
  private static let steepness = 20.0

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    let positions = problem.costs.compressible.map { problem.costs.positions[$0] }
    // A line over layers says nothing of layers that hold unequal numbers.
    guard Set(positions).count == 1 else { return nil }
    let layers = positions.count
    let kept = 1 - problem.dropped / max(problem.costs.droppablePositions, 1)
    guard kept > 0 else { return nil }
    let least = max(kept / Self.steepness, 1 - PlanProblem.largestShare)
    let first = min(1, 2 * kept - least)
    let last = 2 * kept - first
    let shares = (0..<layers).map { layer in
      let place = layers > 1 ? Double(layer) / Double(layers - 1) : 0.5
      return 1 - (first + (last - first) * place)
    }
    return problem.spread(shares)
  }
}

/// AdaKV's budgets (Feng et al., arXiv 2407.11550): every layer keeps the same, and its heads share
/// that out by the highest attention scores of all of them together; each keeps a fifth of the mean
/// at least.
public struct AdaptiveHeads: PlanRule {
  public static let name = "adaptive-heads"
  public static let summary = "heads of a layer share its memory by their highest scores (AdaKV)"
  public static let kind = CompressionPlan.Kind.headBudgets

  /// The paper's α.
  private static let safeguard = 0.2

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    let share = problem.dropped / max(problem.costs.droppablePositions, 1)
    guard share <= 1 else { return nil }
    // What is kept beyond the safeguard is shared out.
    let limit = min(1 - Self.safeguard * (1 - share), PlanProblem.largestShare)
    return problem.byLayer(problem.ideal).flatMap { heads in
      Allocation.cheapest(
        Array(heads), dropping: share * heads.reduce(0) { $0 + $1.positions }, limit: limit)
    }
  }
}

/// ZigZagKV's rule (Zhong et al., arXiv 2412.09036): layers keep in proportion to how much they need
/// to keep nine tenths of the attention, and a floor each.
///
/// Where the rule would give a layer more than it has, the rest goes to the others.
public struct EntropyLayers: PlanRule {
  public static let name = "attention-spread"
  public static let summary = "layers keep by how many positions hold their attention (ZigZagKV)"
  public static let kind = CompressionPlan.Kind.layerRatios

  /// Attention that a layer is to keep.
  private static let kept = 0.9
  /// Of the mean, what every layer keeps.
  private static let floor = 0.2

  public init() {}

  public func shares(_ problem: PlanProblem) -> [Double]? {
    let mean = 1 - problem.dropped / max(problem.costs.droppablePositions, 1)
    guard mean > 0 else { return nil }
    let needs = problem.byLayer(problem.ideal).map { heads in
      heads.reduce(0) { $0 + Self.need($1) } / Double(heads.count)
    }
    let positions = problem.costs.compressible.map { problem.costs.positions[$0] }
    var kept = [Double](
      repeating: max(Self.floor * mean, 1 - PlanProblem.largestShare), count: needs.count)
    var left = zip(kept, positions).reduce(
      mean * positions.reduce(0, +)
    ) { $0 - $1.0 * $1.1 }
    var open = Set(needs.indices.filter { needs[$0] > 0 })
    if open.isEmpty { open = Set(needs.indices) }
    // Each round fills at least one layer, or shares out all there is.
    while left > 1e-9 {
      // Those that need nothing take what is left when the others are full.
      if open.isEmpty { open = Set(needs.indices.filter { kept[$0] < 1 - 1e-12 }) }
      if open.isEmpty { break }
      let weights = needs.indices.map { open.contains($0) ? max(needs[$0], 1e-9) : 0 }
      let total = zip(weights, positions).reduce(0) { $0 + $1.0 * $1.1 }
      let rate = left / total
      for layer in open.sorted() {
        let added = min(rate * weights[layer], 1 - kept[layer])
        kept[layer] += added
        left -= added * positions[layer]
        if kept[layer] >= 1 - 1e-12 { open.remove(layer) }
      }
    }
    return problem.spread(kept.map { min(max(1 - $0, 0), PlanProblem.largestShare) })
  }

  /// The least share of the positions that holds nine tenths of what can be held.
  private static func need(_ ideal: CostCurve) -> Double {
    let allowed = (1 - kept) * (ideal.costs.last ?? 0)
    let points = ideal.costs.count - 1
    let dropped = ideal.costs.lastIndex { $0 <= allowed } ?? 0
    return 1 - Double(dropped) / Double(points)
  }
}
