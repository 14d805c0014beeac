import ModelFiles

/// Cuts the token ids of a corpus into chunks of `n` cached positions and a query.
///
/// ```swift
/// var cutter = ChunkCutter(chunkLength: 1024, bos: nil, maxChunks: 64)
/// for document in documents where !cutter.isFull {
///   cutter.append(tokenizer.encode(document, limit: cutter.wantedTokens))
/// }
/// let chunks = try cutter.finish()
/// ```
///
/// A chunk takes the next `n + 1` ids, one fewer where a BOS is put in front; there is no overlap,
/// and the remainder is dropped.
public struct ChunkCutter: Sendable {
  /// What a corpus gave.
  public struct Chunks: Sendable, Equatable {
    /// (chunk, position) token ids, `n + 1` each, BOS included.
    public var tokens: [[Int32]]
    /// Ids of the corpus in these chunks, BOS left out.
    public var usedTokens: Int
    /// SHA-256 of those ids, each as four bytes, low byte first.
    public var fingerprint: String
  }

  /// The corpus is shorter than one chunk.
  public struct TooShort: Error, Equatable, CustomStringConvertible {
    /// Ids there were.
    public var tokens: Int
    /// Ids that one chunk takes.
    public var needed: Int

    public var description: String {
      "the corpus has \(tokens) tokens, but one chunk takes \(needed); "
        + "--chunk-length shortens chunks"
    }
  }

  private let tokensPerChunk: Int
  private let bos: Int32?
  private let maxChunks: Int
  private var chunks: [[Int32]] = []
  private var partial: [Int32] = []
  private var digest = SHA256()

  /// - Parameters:
  ///   - chunkLength: `n`, at least 1.
  ///   - bos: the token put in front of every chunk.
  ///   - maxChunks: where to stop.
  public init(chunkLength: Int, bos: Int32?, maxChunks: Int = .max) {
    precondition(chunkLength >= 1 && maxChunks >= 1, "at least one position and one chunk")
    tokensPerChunk = chunkLength + (bos == nil ? 1 : 0)
    self.bos = bos
    self.maxChunks = maxChunks
  }

  /// Whether all chunks asked for are there.
  public var isFull: Bool { chunks.count >= maxChunks }

  /// Ids that are still of use; `Int.max` where there is no limit.
  public var wantedTokens: Int {
    let (tokens, overflow) =
      (maxChunks - chunks.count).multipliedReportingOverflow(by: tokensPerChunk)
    return overflow ? .max : tokens - partial.count
  }

  /// Takes the next ids; those beyond the last chunk are dropped.
  public mutating func append(_ ids: [Int32]) {
    var rest = ids[...]
    while !rest.isEmpty, !isFull {
      let taken = rest.prefix(tokensPerChunk - partial.count)
      partial += taken
      rest = rest.dropFirst(taken.count)
      if partial.count == tokensPerChunk { close() }
    }
  }

  /// The chunks.
  ///
  /// - Throws: `TooShort` where there is none.
  public consuming func finish() throws(TooShort) -> Chunks {
    if chunks.isEmpty { throw TooShort(tokens: partial.count, needed: tokensPerChunk) }
    return Chunks(
      tokens: chunks, usedTokens: chunks.count * tokensPerChunk, fingerprint: digest.finalize())
  }

  private mutating func close() {
    partial.map(\.littleEndian).withUnsafeBytes { digest.update($0) }
    chunks.append((bos.map { [$0] } ?? []) + partial)
    partial.removeAll(keepingCapacity: true)
  }
}
