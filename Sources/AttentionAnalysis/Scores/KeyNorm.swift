import Inference

/// The paper's score: keys of a low L2 norm draw the attention, so the longest are dropped first
/// (Devoto et al., EMNLP 2024, section 3).
public struct KeyNorm: EvictionScore {
  public let name = "key-norm"
  public let summary = "the lowest key norms (the paper)"
  public let needs: RecordRequest.Parts = []
  public let isIndependent = true

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    for slot in 0..<view.count { scores[slot] = -view.keyNorms[slot] }
  }
}
