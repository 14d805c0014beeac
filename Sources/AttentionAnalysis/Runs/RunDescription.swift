import Inference
import ModelFiles
import Results
import Tokenization

// What a run says of its model and its corpus, and what it measures of them.

extension ModelSummary {
  /// The model as results name it; the fingerprint reads the edges of every tensor.
  public init(_ model: Model) {
    self.init(
      name: model.checkpoint.name, architecture: model.spec.name, layers: model.spec.layerCount,
      heads: model.spec.headCount, kvHeads: model.spec.kvHeadCount, headDim: model.spec.headDim,
      parameters: model.parameterCount, fingerprint: model.checkpoint.fingerprint())
  }
}

extension RunShape {
  /// `n` where nobody names one: 1024, or as many as leave room for the query.
  public static func usualChunkLength(of spec: ArchitectureSpec) -> Int {
    min(1024, max(1, spec.contextLength - 1))
  }

  /// What chunks of `chunkLength` cached positions give of a model.
  public init(_ spec: ArchitectureSpec, chunkLength: Int, hasOutputError: Bool = false) {
    self.init(
      layers: spec.layers.map { Layer(window: $0.window) }, heads: spec.headCount,
      kvHeads: spec.kvHeadCount, chunkLength: chunkLength, hasOutputError: hasOutputError)
  }
}

extension CorpusSummary {
  /// What was cut from a corpus called `name`.
  ///
  /// The fingerprint is of the ids used, each as four bytes, low byte first; a BOS is not among
  /// them.
  public init(_ chunks: ChunkedCorpus, name: String) {
    var digest = SHA256()
    chunks.tokens.map(\.littleEndian).withUnsafeBytes { digest.update($0) }
    self.init(
      name: name, tokens: chunks.tokens.count, chunks: chunks.count,
      chunkLength: chunks.tokensPerChunk + (chunks.bos == nil ? -1 : 0),
      bos: chunks.bos != nil, fingerprint: digest.finalize(),
      reading: CorpusReading(
        files: chunks.summary.files, documents: chunks.summary.documents,
        withoutText: chunks.summary.withoutText, replacements: chunks.summary.replacements,
        leftOut: chunks.leftOut))
  }
}
