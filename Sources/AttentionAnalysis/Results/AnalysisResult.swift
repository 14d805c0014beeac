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
  /// One row a query head, ordered by layer, then head.
  public var heads: [HeadResult]
  /// One row a KV head, ordered by layer, then KV head.
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

/// The model that was measured.
public struct ModelSummary: Sendable, Equatable {
  public var name: String
  public var architecture: String
  public var layers: Int
  public var heads: Int
  public var kvHeads: Int
  public var headDim: Int
  public var parameters: Int
  /// SHA-256 in lower-case hexadecimal of the headers and the edges of every tensor.
  public var fingerprint: String

  public init(
    name: String, architecture: String, layers: Int, heads: Int, kvHeads: Int, headDim: Int,
    parameters: Int, fingerprint: String
  ) {
    self.name = name
    self.architecture = architecture
    self.layers = layers
    self.heads = heads
    self.kvHeads = kvHeads
    self.headDim = headDim
    self.parameters = parameters
    self.fingerprint = fingerprint
  }
}

/// The text that was measured on.
public struct CorpusSummary: Sendable, Equatable {
  public var name: String
  /// Token ids that were used: those of all chunks, without the BOS put in front.
  public var tokens: Int
  public var chunks: Int
  /// `n`: cached positions a chunk.
  public var chunkLength: Int
  /// Whether a BOS stands in front of every chunk.
  public var bos: Bool
  /// SHA-256 of the token ids.
  public var fingerprint: String
  /// How the ids were come by; `nil` in results from before it was kept.
  public var reading: CorpusReading?

  public init(
    name: String, tokens: Int, chunks: Int, chunkLength: Int, bos: Bool, fingerprint: String,
    reading: CorpusReading? = nil
  ) {
    self.name = name
    self.tokens = tokens
    self.chunks = chunks
    self.chunkLength = chunkLength
    self.bos = bos
    self.fingerprint = fingerprint
    self.reading = reading
  }
}

/// What was read of a corpus, up to the end of the last chunk, and what was left out of it.
public struct CorpusReading: Sendable, Equatable {
  /// Files that were read, in part at least.
  public var files: Int
  public var documents: Int
  /// JSON records with a place for a text and nothing in it.
  public var withoutText: Int
  /// Ill-formed parts that were read as U+FFFD.
  public var replacements: Int
  public var leftOut: LeftOut

  public init(
    files: Int, documents: Int, withoutText: Int = 0, replacements: Int = 0,
    leftOut: LeftOut = LeftOut()
  ) {
    self.files = files
    self.documents = documents
    self.withoutText = withoutText
    self.replacements = replacements
    self.leftOut = leftOut
  }
}

/// How it was measured; each field as its option spells it (`next`, `last:8`, `key-norm`, `f32`).
public struct ProtocolSummary: Sendable, Equatable {
  public var query: String
  public var score: String
  public var precision: String
  /// Instruction set of the kernels, for example `avx512`; bytes are equal within one.
  public var isa: String
  /// What the rotation was instead of the checkpoint's; `nil` where it was as the checkpoint says.
  public var rope: String?

  public init(
    query: String, score: String, precision: String, isa: String, rope: String? = nil
  ) {
    self.query = query
    self.score = score
    self.precision = precision
    self.isa = isa
    self.rope = rope
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

/// A dense float64 array in C order.
public typealias NumericArray = NumberArray<Double>

/// What `arrays.npz` holds; NaN where undefined or outside a layer's window.
public struct ResultArrays: Sendable, Equatable {
  /// (chunks, layers, heads)
  public var alr: NumericArray
  /// (chunks, layers, heads)
  public var randomALR: NumericArray
  /// (chunks, layers, heads)
  public var spearman: NumericArray
  /// (chunks, layers, kvHeads)
  public var kvALR: NumericArray
  /// (chunks, layers, kvHeads)
  public var kvRandomALR: NumericArray
  /// (8, layers, heads, 101): mean attention loss at m = floor(i·n_l/100), by fold (chunk mod 8)
  public var attentionLoss: NumericArray
  /// (8, layers, heads, 101)
  public var referenceLoss: NumericArray
  /// (8, layers, kvHeads, 101)
  public var kvAttentionLoss: NumericArray
  /// (8, layers, kvHeads, 101)
  public var kvReferenceLoss: NumericArray
  /// (8): chunks in each fold
  public var foldChunks: NumericArray
  /// (layers, kvHeads, n)
  public var keyNormMean: NumericArray
  /// (layers, heads, n)
  public var attentionMean: NumericArray

  public init(
    alr: NumericArray, randomALR: NumericArray, spearman: NumericArray, kvALR: NumericArray,
    kvRandomALR: NumericArray, attentionLoss: NumericArray, referenceLoss: NumericArray,
    kvAttentionLoss: NumericArray, kvReferenceLoss: NumericArray, foldChunks: NumericArray,
    keyNormMean: NumericArray, attentionMean: NumericArray
  ) {
    self.alr = alr
    self.randomALR = randomALR
    self.spearman = spearman
    self.kvALR = kvALR
    self.kvRandomALR = kvRandomALR
    self.attentionLoss = attentionLoss
    self.referenceLoss = referenceLoss
    self.kvAttentionLoss = kvAttentionLoss
    self.kvReferenceLoss = kvReferenceLoss
    self.foldChunks = foldChunks
    self.keyNormMean = keyNormMean
    self.attentionMean = attentionMean
  }
}
