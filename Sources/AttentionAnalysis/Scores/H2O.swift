import Inference

/// Heavy hitters: what drew most attention so far (H2O: Zhang et al., NeurIPS 2023,
/// arXiv 2306.14048).
///
/// The attention of every token up to the last cached one, added up, averaged over the query heads
/// of the KV head; in a live cache the attention to what it still holds. The paper gives half of a
/// budget to the most recent tokens; a score knows no budget, so that half is left out.
public struct H2O: EvictionScore {
  public let name = "h2o"
  public let summary = "what all tokens so far attended to most"
  public let needs: RecordRequest.Parts = [.keys, .queries]
  public let observed = ObservedQueries.all
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    _ = scores.update(fromContentsOf: ObservedAttention(view).sums())
  }
}
