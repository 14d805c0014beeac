/// Documents on their way to one sequence of ids: short ones wait until there is work for several
/// threads, long ones are cut where their tokenizer allows it.
///
/// What waits never holds more bytes than ids are still wanted, so that about no document beyond the
/// limit is read, and its size does not depend on the number of threads.
struct DocumentBatch {
  private let tokenizer: Tokenizer
  private let separator: Int32?
  private let limit: Int
  private let threads: Int
  private(set) var ids: [Int32] = []
  private var isFirst = true
  private var waiting: [[UInt8]] = []
  private var waitingBytes = 0

  private static let longDocument = 1 << 18
  private static let batchBytes = 1 << 20

  init(tokenizer: Tokenizer, separator: Int32?, limit: Int, threads: Int) {
    self.tokenizer = tokenizer
    self.separator = separator
    self.limit = limit
    self.threads = threads
  }

  /// Takes the next document, in well-formed UTF-8; false where no more is needed.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count < Self.longDocument else {
      finish()
      if ids.count < limit {
        append(tokenizer.encode(text, limit: limit - ids.count, threads: threads))
      }
      return ids.count < limit
    }
    waiting.append(Array(text))
    waitingBytes += text.count
    if waitingBytes >= min(Self.batchBytes, limit - ids.count) { finish() }
    return ids.count < limit
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
    if !isFirst, let separator { ids.append(separator) }
    isFirst = false
    ids += document
  }
}
