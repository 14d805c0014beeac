import AttentionAnalysis
import Inference

/// Any positions with equal chances, drawn for each KV head.
///
/// The lot depends on the seed, the sequence, the head and the newest position alone: not on
/// threads, nor on what else is under way.
public struct RandomPolicy: Policy {
  public static let name = "random"
  public static let summary = "any, drawn for each KV head"

  private let seed: UInt64

  public init(_ options: PolicyOptions) { seed = options.seed }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    var lots = SplitMix64(seed: seed)
    for part in [view.sequence, view.layer, view.kvHead, view.positions.last.map(Int.init) ?? 0] {
      lots = SplitMix64(seed: lots.next() ^ UInt64(truncatingIfNeeded: part))
    }
    // The first `count` of a shuffle.
    var slots = Array(0..<view.count)
    for index in 0..<min(count, slots.count) {
      slots.swapAt(index, Int.random(in: index..<slots.count, using: &lots))
    }
    return slots.prefix(count).sorted()
  }
}
