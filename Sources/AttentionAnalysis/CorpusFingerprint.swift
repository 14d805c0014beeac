import ModelFiles

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
      bos: chunks.bos != nil, fingerprint: digest.finalize())
  }
}
