import AttentionAnalysis
import Inference

/// Applies a rule to the live caches of one pass.
public struct CacheCompression: Sendable {
  public let rule: CompressionRule
  private let layers: Int
  private let kvHeads: Int
  private let pool: WorkerPool

  public init(_ rule: CompressionRule, for pass: ForwardPass) {
    self.rule = rule
    layers = pass.model.spec.layerCount
    kvHeads = pass.model.spec.kvHeadCount
    pool = pass.pool
  }

  /// Tokens that a sequence may take before a head of it has to be pruned, at most `limit`.
  ///
  /// So many go through the layers as one block: pruning happens only after the last of them.
  public func blockLength(of sequence: Int, in cache: KVCache, limit: Int) -> Int {
    var shortest = limit
    for layer in 0..<layers {
      for kvHead in 0..<kvHeads {
        let count = cache.count(layer: layer, sequence: sequence, kvHead: kvHead)
        shortest =
          rule.tokensUntilPruning(from: count, layer: layer, kvHead: kvHead, limit: shortest)
          ?? shortest
      }
    }
    return shortest
  }

  /// How far the next token of a sequence is rotated before its position.
  ///
  /// - Parameter position: the token's place in its text.
  public func shift(of sequence: Int, at position: Int, in cache: KVCache) -> Int {
    switch rule.positions {
    case .true: 0
    case .cacheLength:
      position
        - ((0..<kvHeads).map { cache.count(layer: 0, sequence: sequence, kvHead: $0) }.max() ?? 0)
    }
  }

  /// Prunes every head of the sequences that has to be.
  ///
  /// - Parameters:
  ///   - queries: those of the tokens so far, where the policy looks at any.
  ///   - tokens: the ids of each sequence, each at its position.
  public func prune(
    _ cache: KVCache, sequences: Range<Int>, queries: QueryStore? = nil,
    tokens: (_ sequence: Int) -> [Int32]
  ) {
    struct Head {
      let sequence, layer, kvHead, count: Int
    }
    var heads: [Head] = []
    for sequence in sequences {
      for layer in 0..<layers {
        for kvHead in 0..<kvHeads {
          let count = cache.count(layer: layer, sequence: sequence, kvHead: kvHead)
          let kept = rule.keptCount(of: count, layer: layer, kvHead: kvHead)
          if kept < count {
            heads.append(Head(sequence: sequence, layer: layer, kvHead: kvHead, count: kept))
          }
        }
      }
    }
    if heads.isEmpty { return }
    let texts = sequences.map(tokens)
    let policy = rule.policy
    // Each head has a slab of its own.
    nonisolated(unsafe) let cache = cache
    pool.run(heads.count) { index, _ in
      let head = heads[index]
      let view = cache.view(
        layer: head.layer, sequence: head.sequence, kvHead: head.kvHead, parts: policy.needs)
      let slots = policy.slots(
        of: queries?.attached(to: view) ?? view, count: head.count,
        tokens: texts[head.sequence - sequences.lowerBound])
      cache.keep(slots, layer: head.layer, sequence: head.sequence, kvHead: head.kvHead)
    }
  }
}
