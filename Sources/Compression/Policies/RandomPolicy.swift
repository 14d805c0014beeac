import AttentionAnalysis
import Inference

/// Any positions with equal chances, drawn for each KV head.
///
/// The lot depends on the seed, the tokens so far and the head alone: not on threads, nor on what
/// else is under way.
public struct RandomPolicy: Policy {
  public static let name = "random"
  public static let summary = "any, drawn for each KV head"

  private let seed: UInt64

  public init(_ options: PolicyOptions) { seed = options.seed }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    var lots = SplitMix64(seed: seed)
    let newest = view.positions.last.map(Int.init) ?? 0
    for part in [view.layer, view.kvHead, Self.digest(tokens.prefix(newest + 1))] {
      lots = SplitMix64(seed: lots.next() ^ UInt64(truncatingIfNeeded: part))
    }
    // The first `count` of a shuffle.
    var slots = Array(0..<view.count)
    for index in 0..<min(count, slots.count) {
      slots.swapAt(index, Int.random(in: index..<slots.count, using: &lots))
    }
    return slots.prefix(count).sorted()
  }

  /// FNV-1a over the ids.
  private static func digest(_ tokens: ArraySlice<Int32>) -> Int {
    let hash = tokens.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64(UInt32(bitPattern: $1))) &* 0x100_0000_01b3
    }
    return Int(truncatingIfNeeded: hash)
  }
}
