import Inference

/// The first four tokens of a text, which draw attention whatever they are, and then the most
/// recent ones (StreamingLLM: Xiao et al., ICLR 2024, arXiv 2309.17453).
public struct FirstAndRecent: EvictionScore {
  /// Tokens that stay from the beginning, as StreamingLLM has it.
  public static let firstTokens = 4

  public let name = "streaming"
  public let summary = "the first tokens and the most recent"
  public let needs: RecordRequest.Parts = []
  public let isIndependent = true

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    for slot in 0..<view.count {
      let position = view.positions[slot]
      scores[slot] = position < Self.firstTokens ? .infinity : Double(position)
    }
  }
}
