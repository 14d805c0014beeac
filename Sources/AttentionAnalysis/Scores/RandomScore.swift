import Inference

/// Lots: what any score has to be better than (Devoto et al., EMNLP 2024, section 4, "random").
///
/// A position's lot depends on the seed, the sequence, the layer, the KV head and the position
/// alone: not on threads, nor on what else is cached.
public struct RandomScore: EvictionScore {
  public let name = "random"
  public let summary = "any, drawn for each KV head"
  public let needs: RecordRequest.Parts = []
  public let isIndependent = true
  private let seed: UInt64

  public init(seed: UInt64 = 0) { self.seed = seed }

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    var start = seed
    for part in [view.sequence, view.layer, view.kvHead] {
      var lots = SplitMix64(seed: start)
      start = lots.next() ^ UInt64(truncatingIfNeeded: part)
    }
    for slot in 0..<view.count {
      var place = SplitMix64(seed: UInt64(view.positions[slot]))
      var lots = SplitMix64(seed: start ^ place.next())
      scores[slot] = Double(lots.next() &>> 11)
    }
  }
}
