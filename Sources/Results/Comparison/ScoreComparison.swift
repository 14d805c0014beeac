import ModelFiles

/// Several eviction scores on the same attention: what each loses, and which loses least where.
public struct ScoreComparison: Sendable, Equatable {
  /// Name and version of the tool that measured.
  public var tool: String
  public var model: ModelSummary
  public var corpus: CorpusSummary
  /// How it was measured; its score is that of nobody here.
  public var protocolSummary: ProtocolSummary
  /// Names, in the order of the rows of every place.
  public var scores: [String]
  /// All layers and query heads together.
  public var overall: ComparedPlace
  /// Over the query heads of each layer.
  public var layers: [ComparedPlace]
  /// By layer, then KV head: the attention of its query heads averaged before sorting.
  public var kvHeads: [ComparedPlace]

  public init(
    tool: String, model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary,
    scores: [String], overall: ComparedPlace, layers: [ComparedPlace], kvHeads: [ComparedPlace]
  ) {
    self.tool = tool
    self.model = model
    self.corpus = corpus
    self.protocolSummary = protocolSummary
    self.scores = scores
    self.overall = overall
    self.layers = layers
    self.kvHeads = kvHeads
  }

  /// How many of `places` each score is best at, in the order of `scores`.
  public func wins(at places: [ComparedPlace]) -> [Int] {
    scores.indices.map { score in places.count { $0.best?.score == score } }
  }
}

/// What every score gives at one place: all of a model, a layer, or a KV head.
public struct ComparedPlace: Sendable, Equatable {
  /// `nil` for the whole model.
  public var layer: Int?
  /// `nil` for whole layers.
  public var kvHead: Int?
  /// One for each score, in their order.
  public var rows: [ComparedScore]
  /// `nil` where no score has a ratio.
  public var best: BestScore?

  public init(layer: Int? = nil, kvHead: Int? = nil, rows: [ComparedScore], best: BestScore?) {
    self.layer = layer
    self.kvHead = kvHead
    self.rows = rows
    self.best = best
  }
}

/// What one score gives at one place, as means over chunks; `nil` where undefined.
public struct ComparedScore: Sendable, Equatable {
  public var alr: Double?
  public var alrSE: Double?
  public var alrNormalized: Double?
  /// ΣALR / Σrandom over heads and chunks: 0 ideal, 1 chance.
  public var alrRatio: Double?
  /// Jackknife standard error of `alrRatio`.
  public var alrRatioSE: Double?
  /// 1 for the lowest ratio; equal ratios share a rank.
  public var rank: Int?

  public init(
    alr: Double?, alrSE: Double?, alrNormalized: Double?, alrRatio: Double?, alrRatioSE: Double?,
    rank: Int? = nil
  ) {
    self.alr = alr
    self.alrSE = alrSE
    self.alrNormalized = alrNormalized
    self.alrRatio = alrRatio
    self.alrRatioSE = alrRatioSE
    self.rank = rank
  }
}

/// The score of the lowest ratio at a place, and how far the next one is.
public struct BestScore: Sendable, Equatable {
  /// Index among the scores; of equal ratios the first.
  public var score: Int
  /// Index of the next one; `nil` where there is none.
  public var runnerUp: Int?
  /// The next one's ratio minus the best one's.
  public var margin: Double?
  /// Its jackknife standard error, chunks paired.
  public var marginSE: Double?
  /// Whether the 95 % interval of the margin lies above 0; `nil` with one chunk, which tells no
  /// error.
  public var isClear: Bool?

  public init(
    score: Int, runnerUp: Int? = nil, margin: Double? = nil, marginSE: Double? = nil,
    isClear: Bool? = nil
  ) {
    self.score = score
    self.runnerUp = runnerUp
    self.margin = margin
    self.marginSE = marginSE
    self.isClear = isClear
  }
}
