import AttentionAnalysis
import Inference
import Testing

@testable import Compression

/// Policies against plain readings of their definitions.
struct PolicyTests {
  private static let norms: [Double] = [3, 1, 2, 1, 5, 4, 2, 9]
  private static let options = PolicyOptions(
    seed: 7, firstTokens: 2, specialTokens: [0], punctuation: [5])

  /// The slots that a policy keeps of a head whose keys have `norms`, at `positions`.
  private static func kept(
    _ policy: any Policy, count: Int, norms: [Double] = norms, positions: [UInt32]? = nil,
    tokens: [Int32] = [0, 9, 5, 9, 9, 5, 9, 9], layer: Int = 0, sequence: Int = 0
  ) -> [Int] {
    let positions = positions ?? norms.indices.map(UInt32.init)
    return positions.withUnsafeBufferPointer { positions in
      norms.withUnsafeBufferPointer { norms in
        policy.slots(
          of: KVHeadView(
            sequence: sequence, layer: layer, kvHead: 0, window: nil, positions: positions,
            keyNorms: norms),
          count: count, tokens: tokens)
      }
    }
  }

  @Test func lowestNormsStayAndOfEqualOnesTheEarlier() {
    #expect(Self.kept(KeepLow(Self.options), count: 1) == [1])
    #expect(Self.kept(KeepLow(Self.options), count: 3) == [1, 2, 3])
    #expect(Self.kept(KeepLow(Self.options), count: 5) == [0, 1, 2, 3, 6])
    #expect(Self.kept(KeepHigh(Self.options), count: 3) == [4, 5, 7])
    // Of the two norms of 2 the earlier.
    #expect(Self.kept(KeepHigh(Self.options), count: 5) == [0, 2, 4, 5, 7])
  }

  @Test func selectionIsThatOfAStableSort() {
    var lots = SplitMix64(seed: 9)
    for round in 0..<300 {
      let size = Int.random(in: 1...60, using: &lots)
      // Few different values, so that many are equal; some rounds ascend or descend.
      var scores = (0..<size).map { _ in Double(Int.random(in: 0...8, using: &lots)) }
      if round % 3 == 1 { scores.sort() }
      if round % 7 == 2 { scores.sort(by: >) }
      for count in 0...size {
        let order = scores.indices.sorted {
          scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
        }
        #expect(ScorePolicy.highest(count, of: scores) == order.prefix(count).sorted())
      }
    }
    #expect(ScorePolicy.highest(2, of: [.nan, 1, .nan, 0]) == [1, 3])
    #expect(ScorePolicy.highest(3, of: [.nan, 1, .nan, 0]) == [0, 1, 3])
  }

  @Test func aScoreKeepsWhatKeepLowKeeps() throws {
    let score = try #require(Policies.named("key-norm", Self.options))
    for count in 1...7 {
      #expect(Self.kept(score, count: count) == Self.kept(KeepLow(Self.options), count: count))
    }
  }

  @Test func streamingKeepsTheFirstTokensAndTheLatest() {
    #expect(Self.kept(Streaming(Self.options), count: 4) == [0, 1, 6, 7])
    // The second token went before: what is left of the first ones stays.
    #expect(
      Self.kept(Streaming(Self.options), count: 4, positions: [0, 4, 5, 6, 8, 9, 11, 12])
        == [0, 5, 6, 7])
    #expect(Streaming(Self.options).protectedCount == 3)
  }

  @Test func fastGenKeepsSpecialTokensAndPunctuationFirst() {
    #expect(Self.kept(FastGen(Self.options), count: 5) == [0, 2, 5, 6, 7])
    #expect(Self.kept(FastGen(Self.options), count: 2) == [0, 5])
    #expect(Self.kept(FastGen(Self.options), count: 1) == [0])
  }

  @Test func lotsAreDrawnByHeadAndSeed() {
    let norms = [Double](repeating: 1, count: 200)
    let text = [Int32](repeating: 3, count: 200)
    func draw(
      _ seed: UInt64, layer: Int = 0, sequence: Int = 0, tokens: [Int32]? = nil
    ) -> [Int] {
      Self.kept(
        RandomPolicy(PolicyOptions(seed: seed)), count: 100, norms: norms, tokens: tokens ?? text,
        layer: layer, sequence: sequence)
    }
    let first = draw(1)
    #expect(first == draw(1) && first == first.sorted() && Set(first).count == 100)
    // The same text elsewhere in a run is drawn for alike, another one is not.
    #expect(first == draw(1, sequence: 1))
    let changed = Array(text.dropLast() + [4])
    for other in [draw(2), draw(1, layer: 1), draw(1, tokens: changed)] { #expect(first != other) }
    // Every slot has its chance: over 400 draws of half of them each comes about 200 times.
    var counts = [Int](repeating: 0, count: 200)
    for seed in 0..<400 { for slot in draw(UInt64(seed)) { counts[slot] += 1 } }
    #expect(counts.allSatisfy { (150...250).contains($0) })
  }
}
