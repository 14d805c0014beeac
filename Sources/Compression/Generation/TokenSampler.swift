import AttentionAnalysis
import Foundation
import Inference

/// How the next token is chosen from its logits.
public struct Sampling: Sendable, Equatable {
  /// 0 takes the token of the highest logit; of equal ones the lowest id.
  public var temperature: Double
  /// Tokens of the highest logits that are drawn from; `nil` for all.
  public var topK: Int?
  /// Share of the probability, highest first, that is drawn from.
  public var topP: Double
  public var seed: UInt64

  public static let greedy = Sampling(temperature: 0)

  public init(temperature: Double, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }
}

/// Draws a token for each row of logits; equal for equal seeds.
public final class TokenSampler: LogitSink {
  /// In the order of the rows, since `begin`.
  public private(set) var tokens: [Int32] = []
  private let sampling: Sampling
  private var lots: SplitMix64

  public init(_ sampling: Sampling) {
    self.sampling = sampling
    lots = SplitMix64(seed: sampling.seed)
  }

  /// Forgets the tokens so far.
  public func begin() { tokens = [] }

  public func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
    tokens.append(choose(logits))
  }

  private func choose(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
    let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    guard sampling.temperature > 0 else { return Int32(truncatingIfNeeded: best) }
    let top = Double(logits[best])
    var weights = logits.map { exp((Double($0) - top) / sampling.temperature) }
    if sampling.topK != nil || sampling.topP < 1 { narrow(&weights) }
    let sum = weights.reduce(0, +)
    var rest = Double.random(in: 0..<1, using: &lots) * sum
    for (id, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      if rest < 0 { return Int32(truncatingIfNeeded: id) }
    }
    return Int32(truncatingIfNeeded: best)
  }

  /// Leaves the most likely tokens alone.
  private func narrow(_ weights: inout [Double]) {
    let order = weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
    let whole = weights.reduce(0, +)
    var sum = 0.0
    var kept = 0
    for id in order.prefix(sampling.topK ?? order.count) {
      kept += 1
      sum += weights[id]
      if sum >= sampling.topP * whole { break }
    }
    for id in order.dropFirst(kept) { weights[id] = 0 }
  }
}
