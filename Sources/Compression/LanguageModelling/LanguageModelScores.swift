import AttentionAnalysis
import Inference

extension LanguageModelRun {
  /// What one setting gave.
  public struct Scores: Sendable, Equatable {
    /// Negative log likelihood of each next token, (chunks, length - 1).
    public var negativeLogLikelihoods: [Double]
    /// Whether it had the highest logit, (chunks, length - 1).
    public var isCorrect: [Bool]
    /// Positions that each KV head holds in the end, (layers, chunks, kv_heads) of ascending
    /// positions; empty where nobody asked for them.
    public var kept: [[[[Int32]]]]
    /// Positions that a KV head holds in the end, on average over heads and layers, of each chunk.
    public var heldPositions: [Double]
  }
}

extension LanguageModelRun.Scores {
  /// Nothing yet.
  ///
  /// - Parameters:
  ///   - fedLength: tokens of a chunk that go through the layers.
  ///   - keptLayers: layers whose positions are wanted in the end.
  init(chunks: Int, fedLength: Int, keptLayers: Int) {
    self.init(
      negativeLogLikelihoods: [Double](repeating: .nan, count: chunks * fedLength),
      isCorrect: [Bool](repeating: false, count: chunks * fedLength),
      kept: [[[[Int32]]]](repeating: [], count: keptLayers), heldPositions: [])
  }

  /// Takes what was said of the token behind a position of a chunk.
  mutating func take(_ entry: LikelihoodSink.Entry, chunk: Int, fedLength: Int) {
    let index = chunk * fedLength + entry.position
    negativeLogLikelihoods[index] = entry.negativeLogLikelihood
    isCorrect[index] = entry.isCorrect
  }

  /// Takes what the next chunk's cache holds in the end.
  mutating func takeHeld(_ cache: KVCache, sequence: Int) {
    heldPositions.append(cache.meanCount(sequence: sequence))
    for layer in kept.indices {
      kept[layer].append(
        (0..<cache.kvHeadCount).map { kvHead in
          cache.view(layer: layer, sequence: sequence, kvHead: kvHead).positions
            .map { Int32(bitPattern: $0) }
        })
    }
  }

  /// The mean negative log likelihood of each chunk, nats a token, over what is predicted from
  /// position `first` on.
  ///
  /// - Parameter fedLength: tokens of a chunk that went through the layers; more than `first`.
  public func meanLosses(from first: Int = 0, fedLength: Int) -> [Double] {
    stride(from: 0, to: negativeLogLikelihoods.count, by: fedLength).map { start in
      Statistics.mean(Array(negativeLogLikelihoods[start + first..<start + fedLength])) ?? .nan
    }
  }
}
