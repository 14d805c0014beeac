import Inference

/// Values of a high L2 norm stay: of two positions that draw the same attention, the longer value
/// adds more to the head's output.
///
/// Guo et al. (EMNLP 2024, arXiv 2406.12335) weigh attention by it; here it stands alone, as what
/// can be known without attention.
public struct ValueNorm: EvictionScore {
  public let name = "value-norm"
  public let summary = "the highest value norms"
  public let needs: RecordRequest.Parts = .values
  public let isIndependent = true

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let values = HeadRows(view.values, count: view.count)
    for slot in 0..<view.count { scores[slot] = values.squaredNorm(slot).squareRoot() }
  }
}
