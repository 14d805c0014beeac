import Foundation
import Inference

/// What the queries to come are expected to attend to, by the value norm (Expected Attention:
/// Devoto et al., 2025, arXiv 2510.00636, as kvpress's `ExpectedAttentionPress` has it).
///
/// The queries before their rotation are taken as normal with the mean and covariance of all those
/// seen behind the first four tokens; both are rotated by the average over the next 512 positions.
/// The expected exponential of a product with a key k, `exp(s μᵀk + ½ s² kᵀΣk)`, is divided by its
/// sum over the slots, averaged over the query heads and multiplied by the norm of the slot's
/// value. The first four tokens stay longest. A soft cap is left out.
public struct ExpectedAttention: EvictionScore {
  static let firstTokens = 4
  static let futurePositions = 512

  public let name = "expected-attention"
  public let summary = "what queries to come should attend to"
  public let needs: RecordRequest.Parts = [.keys, .values, .queries]
  public let observed = ObservedQueries.all
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let first = view.positions.prefix { $0 < Self.firstTokens }.count
    for slot in 0..<view.count { scores[slot] = slot < first ? .infinity : 0 }
    guard first < view.count, let all = view.keys, let last = view.positions.last else { return }
    let keys = HeadRows(all.vectors(first..<view.count), count: view.count, isRotated: true)
    let values = HeadRows(
      view.values?.vectors(first..<view.count), count: view.count - first)
    let rotation = all.meanRotation(over: Int(last) + 1..<Int(last) + 1 + Self.futurePositions)
    let scale = Double(view.scaling.scale)
    for head in view.queries {
      let seen = (0..<head.count).prefix { head.position(of: $0) < Self.firstTokens }.count
      let queries = HeadRows(head.vectors(seen..<head.count), count: head.count)
      let moments = QueryMoments(queries, rotatedBy: rotation)
      var exponents = moments.exponents(of: keys, scale: scale)
      let highest = exponents.max() ?? 0
      var sum = 0.0
      for index in exponents.indices {
        exponents[index] = exp(exponents[index] - highest)
        sum += exponents[index]
      }
      let share = 1 / (sum * Double(view.queries.count))
      for (index, value) in exponents.enumerated() { scores[first + index] += value * share }
    }
    for slot in first..<view.count {
      scores[slot] *= values.squaredNorm(slot - first).squareRoot()
    }
  }
}
