import ModelFiles

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
  /// `n`: cached positions of a chunk.
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
  /// The rotation that `--rope` asked for; `nil` where the checkpoint's own was used.
  public var rope: String?
  /// Whether output errors were measured beside attention losses.
  public var hasOutputError: Bool

  public init(
    query: String, score: String, precision: String, isa: String, rope: String? = nil,
    hasOutputError: Bool = false
  ) {
    self.query = query
    self.score = score
    self.precision = precision
    self.isa = isa
    self.rope = rope
    self.hasOutputError = hasOutputError
  }
}
