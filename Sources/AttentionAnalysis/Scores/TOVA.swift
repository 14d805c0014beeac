import Inference

/// What the last token attends to (TOVA: Oren et al., EMNLP 2024, arXiv 2401.06104).
///
/// The attention row of the last cached position, its own place included, averaged over the query
/// heads of the KV head; the paper averages over all heads of a layer, since it drops a token for
/// all of them.
public struct TOVA: EvictionScore {
  public let name = "tova"
  public let summary = "what the last token attends to"
  public let needs: RecordRequest.Parts = [.keys, .queries]
  public let observed = ObservedQueries.last(1)
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    _ = scores.update(fromContentsOf: ObservedAttention(view, last: 1).sums())
  }
}
