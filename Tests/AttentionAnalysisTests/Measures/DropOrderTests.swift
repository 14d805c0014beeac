import Inference
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct DropOrderTests {
  @Test func dropsTheLargestNormFirstAndTheLaterOfEqualNorms() {
    #expect(DropOrder(norms: [2, 5, 1, 5, 2]).positions == [3, 1, 4, 0, 2])
    #expect(DropOrder(norms: [7, 7, 7]).positions == [2, 1, 0])
    #expect(DropOrder(norms: [4]).positions == [0])
    #expect(DropOrder(norms: []).positions == [])
  }

  @Test func ordersNormsThatAgreeInTheirUpperHalf() {
    // Neighbouring doubles share the upper 32 bits that the first pass sorts by.
    let base = 12.5
    let norms = [3, 1, 2, 2, 0].map { base + Double($0) * base.ulp }
    #expect(DropOrder(norms: norms).positions == [0, 3, 2, 1, 4])
  }

  @Test func agreesWithAComparisonSortOnRandomNorms() {
    var generator = SplitMix64(seed: 1)
    for round in 0..<400 {
      let count = Int.random(in: 1...80, using: &generator)
      let distinct = round.isMultiple(of: 2) ? 4 : 1000
      let norms = generator.keyNorms(count: count, distinct: distinct)
      #expect(DropOrder(norms: norms).asInts == Oracle.dropOrder(norms))
    }
  }

  @Test(arguments: Kernels.availableNames)
  func aPrefixOrWindowKeepsTheOrderThatItsOwnNormsWouldGive(_ name: String) throws {
    let kernels = try Kernels(named: name)
    var generator = SplitMix64(seed: 2)
    let norms = generator.keyNorms(count: 60, distinct: 9)
    let order = DropOrder(norms: norms)
    for (lower, upper) in [(0, 60), (0, 1), (0, 33), (20, 60), (59, 60), (17, 40), (5, 5)] {
      let own = DropOrder(norms: Array(norms[lower..<upper]))
      #expect(order.restricted(to: lower..<upper, by: kernels) == own.positions)
    }
  }

  @Test func sortsEvenNormsThatAreNotNumbers() {
    #expect(DropOrder(norms: [1, .nan, .infinity, 0]).positions == [1, 2, 0, 3])
  }

  @Test func scoresOfEitherSignOrderAsNumbersDo() {
    // The two zeros are equal, whichever comes first.
    #expect(DropOrder(scores: [0.5, -2, 0, -0.0, 3, -2]).positions == [5, 1, 3, 2, 0, 4])
    #expect(DropOrder(scores: [0.5, -2, -0.0, 0, 3, -2]).positions == [5, 1, 3, 2, 0, 4])
    #expect(DropOrder(scores: [.infinity, 1, -.infinity]).positions == [2, 1, 0])
    var generator = SplitMix64(seed: 7)
    for _ in 0..<200 {
      let count = Int.random(in: 1...80, using: &generator)
      let scores = (0..<count).map { _ in
        Double(Int.random(in: -20...20, using: &generator)) / 8
      }
      // The lowest first, of equal ones the later.
      let expected = scores.indices.sorted { (scores[$0], $1) < (scores[$1], $0) }
      #expect(DropOrder(scores: scores).asInts == expected)
    }
  }
}
