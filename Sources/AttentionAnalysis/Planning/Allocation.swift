/// Shares dropped of several owners of memory, found by marginal cost.
///
/// Of convex curves the greedy way is exact. Others are replaced by their convex envelopes: all but
/// one owner then stand at corners of theirs, where envelope and curve agree, so what is lost
/// against the best allocation is at most the gap of one owner between two corners. Exchanges of
/// steps between two owners then win most of that back.
public enum Allocation {
  /// Shares dropped of each owner that cost least where so many positions go in all.
  ///
  /// - Parameters:
  ///   - curves: one for each owner.
  ///   - dropped: positions to drop of all owners together.
  ///   - limit: the largest share that any owner may drop.
  /// - Returns: a share for each owner; all at `limit` where `dropped` is more than that allows.
  public static func cheapest(
    _ curves: [CostCurve], dropping dropped: Double, limit: Double = 1
  ) -> [Double] {
    struct Step {
      let owner: Int
      let segment: CostCurve.Segment
    }
    var steps = curves.enumerated().flatMap { owner, curve in
      curve.envelope(limit: limit).map { Step(owner: owner, segment: $0) }
    }
    // Slopes of an owner ascend, so this keeps them in their order; ties go to the earlier owner.
    steps.sort {
      ($0.segment.slope, $0.owner, $0.segment.start)
        < ($1.segment.slope, $1.owner, $1.segment.start)
    }
    var shares = [Double](repeating: 0, count: curves.count)
    var left = dropped
    for step in steps where left > 0 {
      let whole = (step.segment.end - step.segment.start) * curves[step.owner].positions
      let part = min(1, whole > 0 ? left / whole : 1)
      shares[step.owner] =
        step.segment.start + (step.segment.end - step.segment.start) * part
      left -= whole * part
    }
    exchange(curves, &shares, limit: limit)
    return shares
  }

  /// Lets one owner drop some steps of its curve more and another of equal memory as many less,
  /// as long as that costs less.
  private static func exchange(_ curves: [CostCurve], _ shares: inout [Double], limit: Double) {
    for group in Dictionary(grouping: curves.indices, by: { curves[$0].positions }).values {
      let owners = group.sorted()
      guard let points = owners.map({ curves[$0].costs.count }).min() else { continue }
      // Every exchange lowers the cost, the first ones most.
      for _ in 0..<min(8 * owners.count, mostExchanges) {
        guard let move = bestMove(curves, shares, owners, points: points, limit: limit) else {
          break
        }
        shares[move.more] += move.step
        shares[move.less] -= move.step
      }
    }
  }

  private static let mostExchanges = 256

  private struct Move {
    let more, less: Int
    let step: Double
    let gain: Double
  }

  private static func bestMove(
    _ curves: [CostCurve], _ shares: [Double], _ owners: [Int], points: Int, limit: Double
  ) -> Move? {
    var best: Move?
    for steps in 1..<points {
      let step = Double(steps) / Double(points - 1)
      func change(_ owner: Int, by step: Double) -> Double? {
        let share = shares[owner] + step
        guard share >= -1e-12, share <= limit + 1e-12 else { return nil }
        return curves[owner].cost(dropping: share) - curves[owner].cost(dropping: shares[owner])
      }
      // The two cheapest of each side, since an owner cannot exchange with itself.
      func cheapest(_ step: Double) -> [(owner: Int, cost: Double)] {
        var found: [(owner: Int, cost: Double)] = []
        for owner in owners {
          guard let cost = change(owner, by: step) else { continue }
          found.append((owner, cost))
          found.sort { ($0.cost, $0.owner) < ($1.cost, $1.owner) }
          if found.count > 2 { found.removeLast() }
        }
        return found
      }
      for more in cheapest(step) {
        for less in cheapest(-step) where less.owner != more.owner {
          let gain = -(more.cost + less.cost)
          if gain > 1e-12, gain > best?.gain ?? 0 {
            best = Move(more: more.owner, less: less.owner, step: step, gain: gain)
          }
        }
      }
    }
    return best
  }

  /// One share for all owners but some.
  public static func uniform(
    _ curves: [CostCurve], dropping dropped: Double, skipping skipped: Set<Int> = []
  ) -> [Double]? {
    let owners = curves.indices.filter { !skipped.contains($0) }
    let positions = owners.reduce(0) { $0 + curves[$1].positions }
    guard positions > 0 else { return dropped <= 0 ? curves.map { _ in 0 } : nil }
    let share = dropped / positions
    guard share <= 1 else { return nil }
    return curves.indices.map { skipped.contains($0) ? 0 : share }
  }

  /// What an allocation costs.
  public static func cost(_ curves: [CostCurve], _ shares: [Double]) -> Double {
    zip(curves, shares).reduce(0) { $0 + $1.0.cost(dropping: $1.1) }
  }
}
