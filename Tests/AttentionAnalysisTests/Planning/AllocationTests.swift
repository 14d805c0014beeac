import Testing

@testable import AttentionAnalysis

/// Allocation by marginal cost against trying everything.
struct AllocationTests {
  /// Curves of `points` points, as losses are: growing, and not always convex.
  private static func curves(_ count: Int, points: Int, seed: UInt64) -> [CostCurve] {
    var lots = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      var costs = [0.0]
      for _ in 1..<points {
        costs.append(costs[costs.count - 1] + Double.random(in: 0...1, using: &lots))
      }
      return CostCurve(costs: costs, positions: Double(points - 1))
    }
  }

  /// The least cost of dropping `units` steps of all curves together, each at a point of its own:
  /// dynamic programming over the owners.
  private static func exact(_ curves: [CostCurve], dropping units: Int) -> Double {
    var best = [0.0] + [Double](repeating: .infinity, count: units)
    for curve in curves {
      best = (0...units).map { total in
        (0..<min(curve.costs.count, total + 1)).map { best[total - $0] + curve.costs[$0] }.min()
          ?? .infinity
      }
    }
    return best[units]
  }

  /// On convex curves the greedy way is exact.
  @Test(arguments: 0..<20) func convexCurvesAreSharedOutExactly(seed: Int) {
    let curves = Self.curves(6, points: 9, seed: UInt64(seed)).map { curve in
      let steps = zip(curve.costs.dropFirst(), curve.costs).map { $0 - $1 }.sorted()
      return CostCurve(
        costs: steps.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) },
        positions: curve.positions)
    }
    for units in [1, 7, 24, 40, 48] {
      let shares = Allocation.cheapest(curves, dropping: Double(units))
      let cost = Allocation.cost(curves, shares)
      #expect(abs(cost - Self.exact(curves, dropping: units)) < 1e-12)
      #expect(
        abs(zip(curves, shares).reduce(0) { $0 + $1.0.positions * $1.1 } - Double(units)) < 1e-9)
    }
  }

  /// Other curves cost hardly more, also where few owners share.
  @Test func otherCurvesCostLittleMore() {
    var worst = 1.0
    var sum = 0.0
    for seed in 0..<50 {
      let curves = Self.curves(seed < 25 ? 8 : 40, points: 9, seed: UInt64(seed))
      let units = curves.count * 4
      let cost = Allocation.cost(curves, Allocation.cheapest(curves, dropping: Double(units)))
      let ratio = cost / Self.exact(curves, dropping: units)
      worst = max(worst, ratio)
      sum += ratio
    }
    #expect(worst < 1.01)
    #expect(sum / 50 < 1.002)
  }

  @Test func noOwnerGivesMoreThanTheLimit() {
    let curves = Self.curves(4, points: 11, seed: 3)
    let shares = Allocation.cheapest(curves, dropping: 36, limit: 0.9)
    #expect(shares.allSatisfy { abs($0 - 0.9) < 1e-12 })
    #expect(Allocation.cheapest(curves, dropping: 0) == [0, 0, 0, 0])
  }

  @Test func costsBetweenPointsLieOnALine() {
    let curve = CostCurve(costs: [0, 1, 5], positions: 10)
    #expect(curve.cost(dropping: 0.25) == 0.5 && curve.cost(dropping: 0.75) == 3)
    #expect(curve.cost(dropping: -1) == 0 && curve.cost(dropping: 2) == 5)
  }

  @Test func uniformSharesSkipAndRefuse() {
    let curves = Self.curves(4, points: 11, seed: 5)
    #expect(Allocation.uniform(curves, dropping: 15, skipping: [1]) == [0.5, 0, 0.5, 0.5])
    #expect(Allocation.uniform(curves, dropping: 31, skipping: [1]) == nil)
  }
}
