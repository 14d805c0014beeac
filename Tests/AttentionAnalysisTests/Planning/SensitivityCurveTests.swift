import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

struct SensitivityCurveTests {
  private func measured(
    kept: [Double], chunks: Int = 4, _ rise: @escaping (Double, Int) -> Double
  ) throws -> LayerSensitivity {
    try #require(
      LayerSensitivity(
        SyntheticLayers.evaluation(layers: 1, kept: kept, chunks: chunks) { rise($1, $2) }))
  }

  @Test(arguments: [
    ([1.0, 2, 3], [1.0, 2, 3]), ([3, 1, 2], [2, 2, 2]), ([1, 4, 2, 5], [1, 3, 3, 5]),
    ([0.5], [0.5]), ([-1, -3, 0], [-2, -2, 0]),
  ])
  func theNearestRisingSequence(values: [Double], expected: [Double]) {
    #expect(SensitivityCurve.rising(values) == expected)
  }

  /// Straight lines between what was measured, and on behind it.
  @Test func curvesGoThroughWhatWasMeasured() throws {
    let source = try measured(kept: [0.5, 0.2]) { share, _ in share < 0.6 ? 1 : 4 }
    let curve = SensitivityCurve(of: 0, source, folds: [0, 1, 2, 3], positions: 10)
    let whole = curve.shared(among: 1, as: [])[0]
    for (share, cost) in [(0.0, 0.0), (0.25, 0.5), (0.5, 1), (0.65, 2.5), (0.8, 4), (1, 6)] {
      #expect(abs(whole.cost(dropping: share) - cost) < 1e-9, "\(share)")
    }
    #expect(whole.positions == 10)
    // Heads share the cost as their own curves do.
    let shapes = [3.0, 1].map { CostCurve(costs: [0, $0], positions: 10) }
    let heads = curve.shared(among: 2, as: shapes)
    #expect(abs(heads[0].cost(dropping: 0.5) - 0.75) < 1e-9)
    #expect(abs(heads[1].cost(dropping: 0.5) - 0.25) < 1e-9)
    let even = curve.shared(among: 2, as: [])
    #expect(abs(even[0].cost(dropping: 0.8) - 2) < 1e-9 && even[0] == even[1])
  }

  /// What compression makes better costs nothing.
  @Test func gainsAreNoCosts() throws {
    let source = try measured(kept: [0.5, 0.25]) { _, _ in -1 }
    let curve = SensitivityCurve(of: 0, source, folds: [0], positions: 1).shared(among: 1, as: [])
    #expect(curve[0].costs.allSatisfy { $0 == 0 })
  }

  /// What is no number costs more than what is one.
  @Test(arguments: [Double.nan, .infinity, -.infinity]) func noNumberCostsMost(value: Double) throws
  {
    let source = try measured(kept: [0.5, 0.25]) { share, _ in share > 0.6 ? value : 1 }
    let curve = SensitivityCurve(of: 0, source, folds: [0], positions: 1).shared(among: 1, as: [])
    #expect(curve[0].costs.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(curve[0].cost(dropping: 0.75) > 1e8)
  }

  /// Chunk i is of fold i modulo 8.
  @Test func foldsHaveTheirChunks() throws {
    let source = try measured(kept: [0.5], chunks: 10) { _, chunk in Double(chunk) }
    func cost(_ folds: [Int]) -> Double {
      SensitivityCurve(of: 0, source, folds: folds, positions: 1).shared(among: 1, as: [])[0]
        .cost(dropping: 0.5)
    }
    #expect(abs(cost([1]) - 5) < 1e-9)
    #expect(abs(cost([2, 2, 4]) - 8.0 / 3) < 1e-9)
  }
}
