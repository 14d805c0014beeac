import ModelFiles

/// Everything a run measured, as plain values: what `result.json` and `arrays.npz` hold.
///
/// Measuring produces it, reporting reads it, and nothing else passes between the two.
public struct AnalysisResult: Sendable, Equatable {
  /// Name and version of the tool that measured, for example `alr-analyze 0.1.0`.
  public var tool: String
  public var model: ModelSummary
  public var corpus: CorpusSummary
  public var protocolSummary: ProtocolSummary
  /// One row for each query head, ordered by layer, then head.
  public var heads: [HeadResult]
  /// One row for each KV head, ordered by layer, then KV head.
  public var kvHeads: [KVHeadResult]
  public var layers: [LayerResult]
  public var recommendation: Recommendation
  public var arrays: ResultArrays

  public init(
    tool: String, model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary,
    heads: [HeadResult], kvHeads: [KVHeadResult], layers: [LayerResult],
    recommendation: Recommendation, arrays: ResultArrays
  ) {
    self.tool = tool
    self.model = model
    self.corpus = corpus
    self.protocolSummary = protocolSummary
    self.heads = heads
    self.kvHeads = kvHeads
    self.layers = layers
    self.recommendation = recommendation
    self.arrays = arrays
  }
}

/// The measures that heads and KV heads share, as means over chunks; `nil` where undefined.
public struct Measures: Sendable, Equatable {
  /// Mean ALR (Eq. 3).
  public var alr: Double?
  /// Sample standard deviation of the ALR over chunks.
  public var alrSD: Double?
  /// Standard error of the mean ALR.
  public var alrSE: Double?
  /// `alr / n`: the area between the two curves of Fig. 8.
  public var alrNormalized: Double?
  /// What dropping at random would give on average.
  public var randomALR: Double?
  /// ΣALR / Σrandom over chunks: 0 ideal, 1 chance, above 1 worse than chance.
  public var alrRatio: Double?
  /// Jackknife standard error of `alrRatio`.
  public var alrRatioSE: Double?
  /// Mean rank correlation of key norm and attention score; negative is good.
  public var spearman: Double?

  public init(
    alr: Double? = nil, alrSD: Double? = nil, alrSE: Double? = nil, alrNormalized: Double? = nil,
    randomALR: Double? = nil, alrRatio: Double? = nil, alrRatioSE: Double? = nil,
    spearman: Double? = nil
  ) {
    self.alr = alr
    self.alrSD = alrSD
    self.alrSE = alrSE
    self.alrNormalized = alrNormalized
    self.randomALR = randomALR
    self.alrRatio = alrRatio
    self.alrRatioSE = alrRatioSE
    self.spearman = spearman
  }
}

/// One query head's row.
public struct HeadResult: Sendable, Equatable {
  public var layer: Int
  public var head: Int
  public var kvHead: Int
  public var measures: Measures

  public init(layer: Int, head: Int, kvHead: Int, measures: Measures) {
    self.layer = layer
    self.head = head
    self.kvHead = kvHead
    self.measures = measures
  }
}

/// One KV head's row: the attention of its query heads averaged before sorting.
public struct KVHeadResult: Sendable, Equatable {
  public var layer: Int
  public var kvHead: Int
  public var measures: Measures

  public init(layer: Int, kvHead: Int, measures: Measures) {
    self.layer = layer
    self.kvHead = kvHead
    self.measures = measures
  }
}

/// One layer's row, over its heads and chunks.
public struct LayerResult: Sendable, Equatable {
  public var layer: Int
  /// `n_l`: candidate positions of this layer, fewer than `n` under a sliding window.
  public var n: Int
  /// Sliding window, the query included; `nil` where attention is global.
  public var window: Int?
  /// The layer whose keys this one uses; `nil` where it has its own.
  public var kvSource: Int?
  public var alr: Double?
  public var alrSE: Double?
  public var alrNormalized: Double?
  public var alrRatio: Double?
  public var alrRatioSE: Double?

  public init(
    layer: Int, n: Int, window: Int?, kvSource: Int?, alr: Double?, alrSE: Double?,
    alrNormalized: Double?, alrRatio: Double?, alrRatioSE: Double?
  ) {
    self.layer = layer
    self.n = n
    self.window = window
    self.kvSource = kvSource
    self.alr = alr
    self.alrSE = alrSE
    self.alrNormalized = alrNormalized
    self.alrRatio = alrRatio
    self.alrRatioSE = alrRatioSE
  }
}
