/// What one chunk gave for one query head, or for a KV head with its query heads averaged.
///
/// Means over the chunk's measured rows, except where row `t = n` alone counts.
public struct HeadRecord: Sendable, Equatable {
  /// Mean ALR.
  public var alr: Double
  /// Mean of ALR / number of candidates; NaN where a row has none.
  public var alrNormalized: Double
  /// Mean random ALR.
  public var randomALR: Double
  /// Rank correlation of key norm and score in row `t = n`; NaN where undefined.
  public var spearman: Double
  /// Mean `L^m` at m = floor(i·n/100), i = 0…100, in units of 2^-40.
  public var attentionLoss: [Int64]
  /// Mean `L^{m,ref}` at the same points, in units of 2^-40.
  public var referenceLoss: [Int64]
  /// Scores of row `t = n` at the last `n_l` positions, in units of 2^-40; empty for a KV head.
  public var attention: [Int64]

  public init(
    alr: Double, alrNormalized: Double, randomALR: Double, spearman: Double,
    attentionLoss: [Int64], referenceLoss: [Int64], attention: [Int64]
  ) {
    self.alr = alr
    self.alrNormalized = alrNormalized
    self.randomALR = randomALR
    self.spearman = spearman
    self.attentionLoss = attentionLoss
    self.referenceLoss = referenceLoss
    self.attention = attention
  }
}

/// What one chunk gave for one KV head and its query heads.
public struct KVHeadRecord: Sendable, Equatable {
  /// The chunk's index in the whole run, shards included.
  public var chunk: Int
  public var layer: Int
  public var kvHead: Int
  /// One for each query head of the group, in order.
  public var heads: [HeadRecord]
  /// The group's attention averaged before sorting.
  public var group: HeadRecord
  /// Norms of the last `n_l` keys, in units of 2^-24.
  public var keyNorms: [Int64]
  /// Mean relative output error at m = floor(i·n/20), i = 0…20, in units of 2^-32; empty where it
  /// is not measured.
  public var outputError: [Int64]

  public init(
    chunk: Int, layer: Int, kvHead: Int, heads: [HeadRecord], group: HeadRecord,
    keyNorms: [Int64], outputError: [Int64] = []
  ) {
    self.chunk = chunk
    self.layer = layer
    self.kvHead = kvHead
    self.heads = heads
    self.group = group
    self.keyNorms = keyNorms
    self.outputError = outputError
  }
}

/// Everything one chunk gave.
public struct ChunkRecord: Sendable, Equatable {
  /// The chunk's index in the whole run, shards included.
  public var chunk: Int
  /// One for each layer and KV head.
  public var kvHeads: [KVHeadRecord]

  public init(chunk: Int, kvHeads: [KVHeadRecord]) {
    self.chunk = chunk
    self.kvHeads = kvHeads
  }
}
