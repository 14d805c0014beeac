import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct StatisticsTests {
  @Test func jackknifeAgreesWithLeavingOutEachPairInTurn() throws {
    var generator = SplitMix64(seed: 8)
    for count in 2...20 {
      let y = (0..<count).map { _ in Double.random(in: 0...3, using: &generator) }
      let r = (0..<count).map { _ in Double.random(in: 1...9, using: &generator) }
      let ratios = (0..<count).map { left in
        let kept = (0..<count).filter { $0 != left }
        return kept.map { y[$0] }.reduce(0, +) / kept.map { r[$0] }.reduce(0, +)
      }
      let mean = ratios.reduce(0, +) / Double(count)
      let squares = ratios.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      let expected = (Double(count - 1) / Double(count) * squares).squareRoot()
      #expect(isClose(Statistics.jackknifeError(y, r), expected, within: 1e-14))
    }
  }

  @Test func ofEqualDenominatorsTheJackknifeIsTheStandardError() throws {
    let y = [0.2, 0.9, 0.4, 0.7]
    let error = try #require(Statistics.jackknifeError(y, [2, 2, 2, 2]))
    #expect(isClose(Statistics.standardError(y).map { $0 / 2 }, error, within: 1e-15))
  }

  @Test func whatIsUndefinedIsNil() {
    #expect(Statistics.mean([]) == nil)
    #expect(Statistics.mean([.nan, 1]) == nil)
    #expect(Statistics.standardDeviation([1]) == nil)
    #expect(Statistics.standardError([1]) == nil)
    #expect(Statistics.ratioOfSums([0, 0], [0, 0]) == nil)
    #expect(Statistics.jackknifeError([1], [1]) == nil)
    // Without its first pair the ratio is 0/0.
    #expect(Statistics.jackknifeError([0.1, 0, 0], [0.3, 0, 0]) == nil)
    #expect(Statistics.jackknifeError([0.1, 0, 0.2], [0.3, 0, 0.7]) != nil)
    #expect(Statistics.median([]) == nil)
  }

  @Test func medianAndDeviation() {
    #expect(Statistics.median([3, 1, 2]) == 2)
    #expect(Statistics.median([4, 1, 2, 3]) == 2.5)
    #expect(Statistics.standardDeviation([1, 2, 3, 4]) == (5.0 / 3).squareRoot())
  }
}
