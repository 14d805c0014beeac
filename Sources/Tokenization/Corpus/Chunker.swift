import ModelFiles

/// Cuts a corpus into chunks of equal length for measuring.
///
/// The ids of all documents are one sequence; chunk c takes the next `n + 1 - b` of them, where b
/// is 1 when a BOS stands in front. Chunks do not overlap, and the remainder is dropped.
public struct Chunker: Sendable {
  /// How documents become ids.
  public enum Reading: Sendable {
    case text(Tokenizer)
    /// The corpus holds ids; the tokenizer, where there is one, tells BOS and EOS alone.
    case ids(vocabularySize: Int, Tokenizer?)

    public var tokenizer: Tokenizer? {
      switch self {
      case .text(let tokenizer): tokenizer
      case .ids(_, let tokenizer): tokenizer
      }
    }
  }

  private let reading: Reading
  /// `n`: cached positions of a chunk; at least 1.
  public let chunkLength: Int
  /// The token in front of every chunk.
  public let bos: Int32?
  /// The token between documents.
  public let separator: Int32?
  /// Chunks after which to stop.
  public let maximumChunks: Int?
  /// Threads to tokenize with; the ids do not depend on it.
  public let threads: Int

  /// Whether a BOS stands in front of every chunk.
  public enum BOS: String, Sendable, CaseIterable {
    /// Where the tokenizer itself would put one.
    case auto
    case always, never

    /// The token that goes in front; `nil` for none.
    ///
    /// - Throws: `CorpusError.noBOS` where one is asked for that the tokenizer lacks.
    public func token(of tokenizer: Tokenizer?) throws(CorpusError) -> Int32? {
      switch self {
      case .auto: return tokenizer?.automaticBOS
      case .never: return nil
      case .always:
        guard let token = tokenizer?.bosID else { throw .noBOS }
        return token
      }
    }
  }

  /// - Throws: `CorpusError.noBOS` and `.noEOS` where a token is asked for that the tokenizer
  ///   lacks.
  public init(
    tokenizer: Tokenizer, chunkLength: Int, bos: BOS = .auto, separatesByEOS: Bool = false,
    maximumChunks: Int? = nil, threads: Int = 1
  ) throws(CorpusError) {
    try self.init(
      reading: .text(tokenizer), chunkLength: chunkLength, bos: bos,
      separatesByEOS: separatesByEOS, maximumChunks: maximumChunks, threads: threads)
  }

  /// - Throws: `CorpusError.noBOS` and `.noEOS` where a token is asked for that the tokenizer
  ///   lacks.
  public init(
    reading: Reading, chunkLength: Int, bos: BOS = .auto, separatesByEOS: Bool = false,
    maximumChunks: Int? = nil, threads: Int = 1
  ) throws(CorpusError) {
    precondition(chunkLength > 0, "a chunk holds at least one cached position")
    self.reading = reading
    self.threads = threads
    let tokenizer = reading.tokenizer
    self.chunkLength = chunkLength
    self.maximumChunks = maximumChunks
    self.bos = try bos.token(of: tokenizer)
    if separatesByEOS {
      guard let token = tokenizer?.eosID else { throw .noEOS }
      separator = token
    } else {
      separator = nil
    }
  }

  /// Tokens that are read where nobody says how many chunks to take: their ids are kept until the
  /// end, and a pipe may never end.
  public static let mostTokens = 1 << 24

  /// Ids of the corpus that one chunk takes.
  public var tokensPerChunk: Int { chunkLength + 1 - (bos == nil ? 0 : 1) }

  /// Cuts `corpus`; tokenizes no more of it than the chunks need.
  ///
  /// - Throws: `CorpusError`, `.empty` and `.tooShort` among them.
  public func chunks(of corpus: Corpus) throws(CorpusError) -> ChunkedCorpus {
    let (wanted, overflow) = (maximumChunks ?? .max).multipliedReportingOverflow(by: tokensPerChunk)
    let limit = maximumChunks == nil ? Self.mostTokens + 1 : overflow ? .max : wanted
    let (ids, summary) = try ids(of: corpus, limit: limit)
    guard !ids.isEmpty else { throw .empty }
    if maximumChunks == nil, ids.count > Self.mostTokens {
      throw .tooManyTokens(limit: Self.mostTokens)
    }
    let count = min(ids.count / tokensPerChunk, maximumChunks ?? .max)
    guard count > 0 else {
      let fitting = ids.count - (tokensPerChunk - chunkLength)
      throw .tooShort(
        tokens: ids.count, needed: tokensPerChunk, fitting: fitting > 0 ? fitting : nil)
    }
    return ChunkedCorpus(
      tokens: Array(ids[..<(count * tokensPerChunk)]), tokensPerChunk: tokensPerChunk, bos: bos,
      summary: summary, leftOut: leftOut(of: corpus, summary))
  }

  private func leftOut(of corpus: Corpus, _ summary: Corpus.Summary) -> LeftOut {
    var leftOut = corpus.leftOut
    for path in corpus.paths.dropFirst(summary.files) {
      leftOut.add(Corpus.name(of: path), .behindLastChunk)
    }
    return leftOut
  }

  private func ids(
    of corpus: Corpus, limit: Int
  ) throws(CorpusError) -> (ids: [Int32], summary: Corpus.Summary) {
    switch reading {
    case .text(let tokenizer):
      var batch = DocumentBatch(
        tokenizer: tokenizer, separator: separator, limit: limit, threads: threads)
      let summary = try corpus.forEachPart { part throws(CorpusError) in try batch.take(part) }
      batch.finish()
      return (batch.ids, summary)
    case .ids(let vocabularySize, _):
      var ids: [Int32] = []
      var begins = false
      let summary = try corpus.forEachIDPart(vocabularySize: vocabularySize) { part in
        switch part {
        case .ids(let part):
          if begins, let separator { ids.append(separator) }
          begins = false
          ids += part
        case .end: begins = !ids.isEmpty
        }
        return ids.count < limit
      }
      return (ids, summary)
    }
  }
}

/// The chunks of a corpus.
public struct ChunkedCorpus: Sendable {
  /// The ids of all chunks, without BOS: what the corpus's fingerprint is taken of.
  public let tokens: [Int32]
  public let tokensPerChunk: Int
  /// The token in front of every chunk.
  public let bos: Int32?
  public let summary: Corpus.Summary
  /// Files that were found and not read, also because no more chunks were wanted.
  public let leftOut: LeftOut

  public var count: Int { tokens.count / tokensPerChunk }

  /// Chunk `index`: n + 1 ids, the BOS in front where there is one.
  public subscript(index: Int) -> [Int32] {
    let own = tokens[index * tokensPerChunk..<(index + 1) * tokensPerChunk]
    return bos.map { [$0] + own } ?? Array(own)
  }
}
