import AttentionAnalysis
import Inference

/// Keeps the positions that a registered score rates highest; of equal ones the earlier.
public struct ScorePolicy: Policy {
  /// What stands for any score.
  public static let name = "score"
  public static let summary = "the positions that a score rates highest"

  public let score: any EvictionScore

  public init(_ score: any EvictionScore) { self.score = score }

  public init(_ options: PolicyOptions) { self.init(EvictionScores.paper) }

  public var needs: RecordRequest.Parts { score.needs }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    var scores = [Double](repeating: 0, count: view.count)
    scores.withUnsafeMutableBufferPointer { score.score(view, into: $0) }
    return Self.highest(count, of: scores)
  }

  /// The indices of the `count` highest values, ascending; of equal values the earlier ones.
  static func highest(_ count: Int, of scores: [Double]) -> [Int] {
    guard count < scores.count else { return Array(scores.indices) }
    let order = scores.indices.sorted {
      scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
    }
    return order.prefix(count).sorted()
  }
}
