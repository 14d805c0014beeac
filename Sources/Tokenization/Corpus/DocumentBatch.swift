import ModelFiles

/// Documents on their way to one sequence of ids: short ones wait until there is work for several
/// threads, long ones are encoded part by part where their tokenizer allows cutting them.
///
/// What waits never holds more bytes than ids are still wanted, so that about no document beyond
/// the limit is read, and its size does not depend on the number of threads.
struct DocumentBatch {
  private let tokenizer: Tokenizer
  private let separator: Int32?
  private let limit: Int
  private let threads: Int
  private(set) var ids: [Int32] = []
  private var isFirst = true
  private var waiting: [[UInt8]] = []
  private var waitingBytes = 0
  /// What is not encoded yet of the document that is being read.
  private var current: [UInt8] = []
  /// Whether a part of it was encoded.
  private var isContinued = false
  /// Bytes of it that were searched for a cut in vain.
  private var searched = 0

  private static let longDocument = 1 << 18
  private static let batchBytes = 1 << 20

  init(tokenizer: Tokenizer, separator: Int32?, limit: Int, threads: Int) {
    self.tokenizer = tokenizer
    self.separator = separator
    self.limit = limit
    self.threads = threads
  }

  /// Takes what comes next, in well-formed UTF-8; false where no more is needed.
  ///
  /// - Throws: `CorpusError.uncut` where a document grows too long without a place to cut it.
  mutating func take(_ part: DocumentPart) throws(CorpusError) -> Bool {
    switch part {
    case .text(let text, let path):
      current.append(contentsOf: text)
      if current.count >= Self.longDocument { try encodeWhatCanBeCut(path) }
    case .end:
      let text = current
      current = []
      searched = 0
      if isContinued || text.count >= Self.longDocument {
        finish()
        append(encoded(text))
        isContinued = false
      } else {
        waiting.append(text)
        waitingBytes += text.count
        if waitingBytes >= min(Self.batchBytes, limit - ids.count) { finish() }
      }
    }
    return ids.count < limit
  }

  private mutating func encodeWhatCanBeCut(_ path: String) throws(CorpusError) {
    let cut = current.withUnsafeBufferPointer { tokenizer.cuts.last(in: $0, from: searched) }
    guard let cut else {
      searched = current.count
      let limit = tokenizer.cuts.isEmpty ? Corpus.longestRecord : Corpus.longestStretch
      guard current.count <= limit else {
        throw .uncut(path: path, limit: limit, isTokenizer: tokenizer.cuts.isEmpty)
      }
      return
    }
    finish()
    append(encoded(Array(current[..<cut])))
    isContinued = true
    current.removeFirst(cut)
    searched = 0
  }

  private func encoded(_ text: [UInt8]) -> [Int32] {
    guard ids.count < limit else { return [] }
    return tokenizer.encode(
      text, limit: limit - ids.count, threads: threads, continuing: isContinued)
  }

  /// Encodes what waits.
  mutating func finish() {
    let (documents, tokenizer, wanted) = (waiting, tokenizer, limit - ids.count)
    (waiting, waitingBytes) = ([], 0)
    guard wanted > 0 else { return }
    let encoded = OrderedWork.map(count: documents.count, threads: threads) { index in
      tokenizer.encode(documents[index], limit: wanted)
    }
    for document in encoded where ids.count < limit { append(document) }
  }

  private mutating func append(_ document: [Int32]) {
    if !isContinued {
      if !isFirst, let separator { ids.append(separator) }
      isFirst = false
    }
    ids += document
  }
}
