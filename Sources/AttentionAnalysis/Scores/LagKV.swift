import Foundation
import Inference

/// Tokens that stand out against those that follow them (LagKV: Liang et al., 2025,
/// arXiv 2504.04704, with the partitions of 128 and 4 first tokens of kvpress's `LagKVPress`).
///
/// Behind the first four tokens the slots are cut into partitions of 128. In each but the last, the
/// next partition gives the range of every channel; the standard deviation over channels of
/// what a key makes of these ranges, through a softmax over the partition, and the same of the
/// values, halved and added, rank the partition's tokens. A score is that rank as a share of the
/// partition, so each loses its share. What has no whole partition behind it stays longest, the
/// more recent the longer, and before it the first tokens. Where there are not two partitions, that
/// is everything.
///
/// A channel that does not vary in the next partition counts as 0.
public struct LagKV: EvictionScore {
  static let firstTokens = 4
  static let lag = 128

  public let name = "lag-kv"
  public let summary = "what stands out against the tokens that follow it"
  public let needs: RecordRequest.Parts = [.keys, .values]
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let first = view.positions.prefix { $0 < Self.firstTokens }.count
    for slot in 0..<view.count {
      // Above every rank.
      scores[slot] = slot < first ? .infinity : 1 + Double(slot)
    }
    let partitions = (view.count - first) / Self.lag
    guard partitions >= 2 else { return }
    let rows = [
      HeadRows(view.keys, count: view.count, isRotated: true),
      HeadRows(view.values, count: view.count),
    ]
    for partition in 0..<partitions - 1 {
      let start = first + partition * Self.lag
      var sums = [Double](repeating: 0, count: Self.lag)
      for rows in rows {
        let shares = Self.shares(rows, of: start..<start + Self.lag)
        for index in sums.indices { sums[index] += shares[index] / 2 }
      }
      // Of equal ones the later has the lower rank.
      let order = sums.indices.sorted { (sums[$0], $1) < (sums[$1], $0) }
      for (rank, index) in order.enumerated() {
        scores[start + index] = Double(rank) / Double(Self.lag)
      }
    }
  }

  /// The softmax over a partition of how its rows spread within the ranges of the next one.
  private static func shares(_ rows: HeadRows, of partition: Range<Int>) -> [Double] {
    let size = rows.size
    guard size > 1 else { return [Double](repeating: 0, count: lag) }
    var low = [Double](repeating: .infinity, count: size)
    var high = [Double](repeating: -.infinity, count: size)
    let spreads: [Double] = rows.values.withUnsafeBufferPointer { values in
      for row in partition.upperBound..<partition.upperBound + lag {
        for column in 0..<size {
          let value = Double(values[row * size + column])
          low[column] = min(low[column], value)
          high[column] = max(high[column], value)
        }
      }
      var scaled = [Double](repeating: 0, count: size)
      return partition.map { row in
        for column in 0..<size {
          let range = high[column] - low[column]
          let value = Double(values[row * size + column]) - low[column]
          scaled[column] = range > 0 ? value / range : 0
        }
        return Statistics.standardDeviation(scaled) ?? 0
      }
    }
    let highest = spreads.max() ?? 0
    let exponentials = spreads.map { exp($0 - highest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
