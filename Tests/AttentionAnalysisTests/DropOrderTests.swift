import Testing

@testable import AttentionAnalysis

@Suite struct DropOrderTests {
  @Test func dropsTheLargestNormFirstAndTheLaterOfEqualNorms() {
    #expect(DropOrder(keyNorms: [2, 5, 1, 5, 2]).positions == [3, 1, 4, 0, 2])
    #expect(DropOrder(keyNorms: [7, 7, 7]).positions == [2, 1, 0])
    #expect(DropOrder(keyNorms: [4]).positions == [0])
    #expect(DropOrder(keyNorms: []).positions == [])
  }

  @Test func ordersNormsThatAgreeInTheirUpperHalf() {
    // Neighbouring doubles share the upper 32 bits that the first pass sorts by.
    let base = 12.5
    let norms = [3, 1, 2, 2, 0].map { base + Double($0) * base.ulp }
    #expect(DropOrder(keyNorms: norms).positions == [0, 3, 2, 1, 4])
  }

  @Test func agreesWithAComparisonSortOnRandomNorms() {
    var generator = SeededGenerator(seed: 1)
    for round in 0..<400 {
      let count = Int.random(in: 1...80, using: &generator)
      let distinct = round.isMultiple(of: 2) ? 4 : 1000
      let norms = generator.keyNorms(count: count, distinct: distinct)
      #expect(DropOrder(keyNorms: norms).asInts == Oracle.dropOrder(norms))
    }
  }

  @Test func aPrefixOrWindowKeepsTheOrderThatItsOwnNormsWouldGive() {
    var generator = SeededGenerator(seed: 2)
    let norms = generator.keyNorms(count: 60, distinct: 9)
    let order = DropOrder(keyNorms: norms)
    for (lower, upper) in [(0, 60), (0, 1), (0, 33), (20, 60), (59, 60), (17, 40), (5, 5)] {
      let own = DropOrder(keyNorms: Array(norms[lower..<upper]))
      #expect(order.restricted(to: lower..<upper) == own.positions)
    }
  }

  @Test func sortsEvenNormsThatAreNotNumbers() {
    #expect(DropOrder(keyNorms: [1, .nan, .infinity, 0]).positions == [1, 2, 0, 3])
  }
}
