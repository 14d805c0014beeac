import Inference

/// The paper's opposite: the keys of the highest norms stay.
public struct KeepHigh: Policy {
  public static let name = "keep-high"
  public static let summary = "the highest key norms"

  public init(_ options: PolicyOptions) {}

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    ScorePolicy.highest(count, of: Array(view.keyNorms))
  }
}
