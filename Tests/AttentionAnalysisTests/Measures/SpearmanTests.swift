import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

/// One frozen value of `scipy.stats.spearmanr`.
struct SpearmanCase: Sendable {
  var norms: [Double]
  var scores: [Double]
  var expected: Double
}

@Suite struct SpearmanTests {
  private func spearman(norms: [Double], scores: [Float]) throws -> Double {
    let order = DropOrder(norms: norms)
    let ranks = norms.map { -$0 }.withUnsafeBufferPointer { scores in
      order.positions.withUnsafeBufferPointer { CentredRanks(scores: scores, dropOrder: $0) }
    }
    var loss = [Double](repeating: 0, count: curvePointCount)
    var reference = loss
    let measurer = RowMeasurer(capacity: scores.count)
    let result = scores.withUnsafeBufferPointer { scores in
      measurer.sort(scores, forSpearman: true)
        ? (
          measures: measurer.measure(
            scores, dropOrder: order.positions, attentionLoss: &loss, referenceLoss: &reference),
          spearman: measurer.spearman(ranks)
        ) : nil
    }
    let plain = try #require(MeasuredRow(attention: scores, order: order.positions))
    #expect(result?.measures == plain.measures)
    #expect(loss == plain.attentionLoss && reference == plain.referenceLoss)
    return try #require(result).spearman
  }

  @Test(arguments: spearmanCases)
  func agreesWithSciPy(given: SpearmanCase) throws {
    let value = try spearman(norms: given.norms, scores: given.scores.map { Float($0) })
    #expect(abs(value - given.expected) < 1e-14)
  }

  @Test func agreesWithCountedRanksOnRandomColumns() throws {
    var generator = SplitMix64(seed: 6)
    for round in 0..<300 {
      let count = Int.random(in: 2...40, using: &generator)
      let norms = generator.keyNorms(count: count, distinct: round % 2 == 0 ? 3 : 100)
      let scores = generator.attention(count: count, distinct: round % 3 == 0 ? 3 : 100)
      let expected = Oracle.spearman(norms, scores.map { Double($0) })
      let value = try spearman(norms: norms, scores: scores)
      #expect(expected.isNaN ? value.isNaN : abs(value - expected) < 1e-13)
    }
  }

  @Test func isUndefinedWhereOneSideIsAllTied() throws {
    #expect(try spearman(norms: [2, 2, 2], scores: [0.1, 0.2, 0.3]).isNaN)
    #expect(try spearman(norms: [1, 2, 3], scores: [0.1, 0.1, 0.1]).isNaN)
    #expect(try spearman(norms: [1], scores: [0.5]).isNaN)
    #expect(try spearman(norms: [1, 2, 3], scores: [0.3, 0.2, 0.1]) == -1)
    #expect(try spearman(norms: [1, 2, 3], scores: [0.1, 0.2, 0.3]) == 1)
  }
}
