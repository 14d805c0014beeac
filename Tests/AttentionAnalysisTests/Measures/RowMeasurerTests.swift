import Inference
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct RowMeasurerTests {
  /// Four positions by hand: a = (0.1, 0.4, 0.2, 0.05), dropped in the order 1, 3, 0, 2.
  @Test func agreesWithAHandComputedCase() throws {
    let row = try #require(
      MeasuredRow(attention: [0.125, 0.5, 0.25, 0.0625], order: [1, 3, 0, 2]))
    // L = 0.5, 0.5625, 0.6875, 0.9375; reference = 0.0625, 0.1875, 0.4375, 0.9375.
    #expect(row.measures.alr == 0.4375 + 0.375 + 0.25)
    // 5/2 · 0.9375 - (0.0625 + 0.1875 + 0.4375 + 0.9375)
    #expect(row.measures.randomALR == 0.71875)
    #expect(row.attentionLoss[0] == 0)
    #expect(row.attentionLoss[24] == 0)
    #expect(row.attentionLoss[25] == 0.5)
    #expect(row.attentionLoss[50] == 0.5625)
    #expect(row.attentionLoss[99] == 0.6875)
    #expect(row.attentionLoss[100] == 0.9375)
    #expect(row.referenceLoss[25] == 0.0625)
    #expect(row.referenceLoss[75] == 0.4375)
    #expect(row.referenceLoss[100] == 0.9375)
  }

  @Test func rankFormEqualsCumulativeSumsOnRandomRows() throws {
    var generator = SplitMix64(seed: 3)
    let measurer = RowMeasurer(capacity: 64)
    for round in 0..<2000 {
      let count = Int.random(in: 1...64, using: &generator)
      let attention = generator.attention(count: count, distinct: round % 3 == 0 ? 3 : 500)
      let norms = generator.keyNorms(count: count, distinct: round % 2 == 0 ? 4 : 500)
      let order = DropOrder(norms: norms)
      let row = try #require(
        MeasuredRow(attention: attention, order: order.positions, by: measurer))
      #expect(abs(row.measures.alr - Oracle.alr(attention, order: order.asInts)) < 1e-12)
      #expect(abs(row.measures.randomALR - Oracle.randomALR(attention)) < 1e-12)
      #expect(row.measures.alr >= 0)
      #expect(row.measures.randomALR >= 0)
    }
  }

  @Test(arguments: [1, 2, 3, 7, 99, 100, 101, 150, 256])
  func curvesAreTheLossesAtEachPercent(count: Int) throws {
    var generator = SplitMix64(seed: UInt64(count))
    let attention = generator.attention(count: count, distinct: 300)
    let order = DropOrder(norms: generator.keyNorms(count: count, distinct: 20))
    let row = try #require(MeasuredRow(attention: attention, order: order.positions))
    let losses = Oracle.losses(attention, order: order.asInts)
    let reference = Oracle.referenceLosses(attention)
    for i in 0...100 {
      #expect(abs(row.attentionLoss[i] - losses[i * count / 100]) < 1e-12)
      #expect(abs(row.referenceLoss[i] - reference[i * count / 100]) < 1e-12)
    }
  }

  /// Rows short and long of random, equal and descending scores, ties and both zeros.
  @Test(arguments: Kernels.availableNames)
  func everyInstructionSetGivesTheSameBits(_ name: String) throws {
    let own = RowMeasurer(capacity: 5000, kernels: try Kernels(named: name))
    for count in [0, 1, 15, 16, 17, 128, 129, 700, 5000] {
      var generator = SplitMix64(seed: UInt64(count))
      let order = DropOrder(norms: generator.keyNorms(count: count, distinct: 40)).positions
      for scores in [
        generator.attention(count: count, distinct: 5000),
        generator.attention(count: count, distinct: 3),
        [Float](repeating: 0.25, count: count), (0..<count).map { 1 / Float($0 + 1) },
        (0..<count).map { [0, -0.0, 0.5][$0 % 3] },
      ] {
        let row = try #require(MeasuredRow(attention: scores, order: order, by: own))
        let expected = try #require(
          MeasuredRow(attention: scores, order: order, by: own, withPositions: true))
        #expect(row.bits == expected.bits, "\(count)")
      }
    }
    for bad in [Float.nan, .infinity, -.infinity] {
      #expect(MeasuredRow(attention: [0.1, bad, 0.2], order: [0, 1, 2], by: own) == nil)
    }
  }

  @Test func theIdealOrderGivesZeroAndItsReverseTheMost() throws {
    var generator = SplitMix64(seed: 4)
    for distinct in [1, 3, 200] {
      let attention = generator.attention(count: 50, distinct: distinct)
      let ideal = attention.indices.sorted { attention[$0] < attention[$1] }.map(Int32.init)
      let best = try #require(MeasuredRow(attention: attention, order: ideal)).measures.alr
      let worst = try #require(MeasuredRow(attention: attention, order: ideal.reversed()))
        .measures
      #expect(best == 0)
      // Dropping backwards is as far above chance as the ideal is below.
      #expect(abs(worst.alr - 2 * worst.randomALR) < 1e-12)
      for _ in 0..<20 {
        let order = ideal.shuffled(using: &generator)
        let some = try #require(MeasuredRow(attention: attention, order: order)).measures.alr
        #expect(some >= 0 && some <= worst.alr + 1e-12)
      }
    }
  }

  @Test func chanceGivesRandomALROnAverage() throws {
    var generator = SplitMix64(seed: 5)
    let attention = generator.attention(count: 24, distinct: 100)
    var sum = 0.0
    var squares = 0.0
    var random = 0.0
    let rounds = 4000
    for _ in 0..<rounds {
      let order = (0..<24).map(Int32.init).shuffled(using: &generator)
      let measures = try #require(MeasuredRow(attention: attention, order: order)).measures
      sum += measures.alr
      squares += measures.alr * measures.alr
      random = measures.randomALR
    }
    let mean = sum / Double(rounds)
    let error = ((squares / Double(rounds) - mean * mean) / Double(rounds)).squareRoot()
    #expect(abs(mean - random) < 4 * error)
  }

  @Test func equalScoresLeaveNothingToChoose() throws {
    let attention = [Float](repeating: 1 / 7, count: 7)
    let measures = try #require(
      MeasuredRow(attention: attention, order: [3, 1, 6, 0, 5, 2, 4])
    ).measures
    #expect(measures == RowMeasures(alr: 0, randomALR: 0))
  }

  @Test func onePositionAndNoneGiveZero() throws {
    let one = try #require(MeasuredRow(attention: [0.75], order: [0]))
    #expect(one.measures == RowMeasures(alr: 0, randomALR: 0))
    #expect(one.attentionLoss[99] == 0)
    #expect(one.attentionLoss[100] == 0.75)
    let none = try #require(MeasuredRow(attention: [], order: []))
    #expect(none.measures == RowMeasures(alr: 0, randomALR: 0))
  }

  @Test(arguments: [Float.nan, -.nan, .infinity])
  func scoresThatAreNotFiniteAreNotMeasured(bad: Float) {
    #expect(MeasuredRow(attention: [0.1, bad, 0.2], order: [0, 1, 2]) == nil)
  }
}
