import Foundation
import Inference
import TestSupport
import Testing

@testable import AttentionAnalysis

/// Every score against its definition, written again in Python (`make_scores.py`).
struct ScoreDefinitionTests {
  @Test func scoresAreThoseOfTheirDefinitions() throws {
    let url = try #require(
      Bundle.module.url(forResource: "scores", withExtension: "csv", subdirectory: "Fixtures"))
    var checked: Set<String> = []
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
      let cells = line.split(separator: ",").map(String.init)
      let score = try #require(EvictionScores.named(cells[1]))
      let expected = try cells.dropFirst(2).map { try #require(Double($0)) }
      let found = try #require(ScoreCase.named[cells[0]]).withView { score.scores(of: $0) }
      try #require(found.count == expected.count)
      for (slot, value) in found.enumerated() {
        // Rotations and softmaxes are float32.
        let isNear =
          value == expected[slot] || abs(value - expected[slot]) < 2e-5 * max(abs(value), 0.05)
        #expect(isNear, "\(cells[0]), \(cells[1]), slot \(slot): \(value), not \(expected[slot])")
      }
      checked.insert(score.name)
    }
    // The lots have a test of their own.
    #expect(checked == Set(EvictionScores.all.map(\.name)).subtracting(["random"]))
  }

  /// What a score says of a prefix is what it says of a cache that holds no more, whatever later
  /// queries the view knew.
  @Test(arguments: EvictionScores.all.map(\.name))
  func nothingLaterIsSeen(_ name: String) throws {
    let score = try #require(EvictionScores.named(name))
    for end in [3, 50, 89] {
      let whole = try #require(ScoreCase.named["whole"])
      let prefix = whole.withView { score.scores(of: $0.slots(0..<end)) }
      let alone = ScoreCase(seed: 1, length: 90, positions: Array(0..<end))
        .withView(queries: 0..<end) { score.scores(of: $0) }
      #expect(prefix == alone)
    }
  }

  /// Only as many queries are looked at as the score says.
  @Test(arguments: EvictionScores.all.map(\.name))
  func theQueriesThatAreDeclaredSuffice(_ name: String) throws {
    let score = try #require(EvictionScores.named(name))
    let whole = try #require(ScoreCase.named["whole"])
    let seen = score.observed.positions(before: 90)
    #expect(score.observed == .none ? seen.isEmpty : seen.upperBound == 90)
    #expect(
      whole.withView(queries: seen) { score.scores(of: $0) }
        == whole.withView { score.scores(of: $0) })
    #expect(score.needs.contains(.queries) == (score.observed != .none))
    if score.observed != .none { #expect(score.needs.contains(.keys) && score.needsTruePositions) }
  }

  /// A score that says it is independent gives a slot the same whatever else is cached.
  @Test func independentScoresDependOnTheirSlotAlone() throws {
    let whole = try #require(ScoreCase.named["whole"])
    for score in EvictionScores.all {
      let all = whole.withView { score.scores(of: $0) }
      let some = whole.withView { score.scores(of: $0.slots(20..<60)) }
      if score.isIndependent { #expect(some == Array(all[20..<60]), "\(score.name)") }
    }
  }

  @Test func lotsAreDrawnByPlaceAndSeed() {
    func scores(
      seed: UInt64 = 0, chunk: Int = 0, layer: Int = 0, kvHead: Int = 0
    ) -> [Double] {
      KVHeadView.withNorms(
        [Double](repeating: 1, count: 400), chunk: chunk, layer: layer, kvHead: kvHead
      ) { RandomScore(seed: seed).scores(of: $0) }
    }
    let first = scores()
    #expect(first == scores() && Set(first).count == 400)
    for other in [scores(seed: 1), scores(chunk: 1), scores(layer: 1), scores(kvHead: 1)] {
      #expect(first != other)
      #expect(zip(first, other).allSatisfy { $0 != $1 })
    }
    // Over many heads every position comes first about as often.
    var firsts = [Int](repeating: 0, count: 4)
    for chunk in 0..<400 {
      let lots = Array(scores(chunk: chunk).prefix(4))
      if let best = lots.indices.max(by: { lots[$0] < lots[$1] }) { firsts[best] += 1 }
    }
    #expect(firsts.allSatisfy { (65...135).contains($0) })
  }

  /// A view without what a score asks for is no trap.
  @Test func viewsOfNormsAloneAreNoTrap() {
    for score in EvictionScores.all {
      KVHeadView.withNorms([1, 2, 3]) { #expect(score.scores(of: $0).count == 3) }
    }
  }
}
