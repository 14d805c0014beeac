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
  public var observed: ObservedQueries { score.observed }
  public var needsTruePositions: Bool { score.needsTruePositions }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    var scores = [Double](repeating: 0, count: view.count)
    scores.withUnsafeMutableBufferPointer { score.score(view, into: $0) }
    return Self.highest(count, of: scores)
  }

  /// The indices of the `count` highest values, ascending; of equal values the earlier ones.
  static func highest(_ count: Int, of scores: [Double]) -> [Int] {
    guard count < scores.count else { return Array(scores.indices) }
    guard count > 0 else { return [] }
    // What is no number is worth nothing.
    let values = scores.map { $0.isNaN ? -.infinity : $0 }
    let lowest = selected(scores.count - count, of: values)
    // Of those that equal the lowest value that stays, the earlier ones fill up the rest.
    var room = count - values.reduce(0) { $0 + ($1 > lowest ? 1 : 0) }
    return values.indices.filter { index in
      if values[index] != lowest { return values[index] > lowest }
      room -= 1
      return room >= 0
    }
  }

  /// The value that would stand at `rank` if the values were sorted, ascending (Hoare's selection).
  private static func selected(_ rank: Int, of values: [Double]) -> Double {
    var values = values
    var (low, high) = (0, values.count - 1)
    // Orders that make it slow are sorted instead.
    var patience = 4 * values.count
    while low < high {
      if patience < 0 { return values.sorted()[rank] }
      patience -= high - low
      let middle = values[low + (high - low) / 2]
      let pivot = max(min(values[low], middle), min(max(values[low], middle), values[high]))
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if rank <= right {
        high = right
      } else if rank >= left {
        low = left
      } else {
        break
      }
    }
    return values[rank]
  }
}
