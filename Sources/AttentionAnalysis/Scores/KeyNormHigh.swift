import Inference

/// The paper's opposite: the keys of the highest L2 norms stay (Devoto et al., EMNLP 2024,
/// section 4, "keep high").
public struct KeyNormHigh: EvictionScore {
  public let name = "key-norm-high"
  public let summary = "the highest key norms"
  public let needs: RecordRequest.Parts = []
  public let isIndependent = true

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    for slot in 0..<view.count { scores[slot] = view.keyNorms[slot] }
  }
}
