import AttentionAnalysis
import Inference

/// The paper's method: the keys of the lowest L2 norms stay, and nothing else is protected
/// (Devoto et al., EMNLP 2024, section 3).
public struct KeepLow: Policy {
  public static let name = "keep-low"
  public static let summary = "the lowest key norms (the paper)"

  private let rule = ScorePolicy(KeyNorm())

  public init(_ options: PolicyOptions) {}

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    rule.slots(of: view, count: count, tokens: tokens)
  }
}
