import ModelFiles

/// Token ids written as text: decimal numbers with white space between them, a document a line.
///
/// It is what `tokenize` prints, so that ids can be made once, or by another program.
public enum TokenIDText {
  /// Visits the ids of every line of a file, a pipe or, as `-`, standard input.
  ///
  /// - Parameters:
  ///   - vocabularySize: one more than the highest id.
  ///   - isCancelled: whether the user wants to stop.
  /// - Throws: `CorpusError.malformedID` and `.idOutsideVocabulary` with line and column, both from
  ///   1, columns in bytes; what `body` throws.
  public static func forEachLine(
    ofFile path: String, vocabularySize: Int,
    isCancelled: @escaping @Sendable () -> Bool = { false }, _ body: ([Int32]) throws -> Void
  ) throws {
    var problem: (any Error)?
    var line: [Int32] = []
    var reader = TokenIDReader(
      source: try TextSource(path, isCancelled: isCancelled), vocabularySize: vocabularySize)
    try reader.forEachPart { part throws(CorpusError) in
      switch part {
      case .ids(let ids): line += ids
      case .end:
        do { try body(line) } catch { problem = error }
        line.removeAll(keepingCapacity: true)
      }
      return problem == nil
    }
    if let problem { throw problem }
  }
}

/// A piece of a corpus of token ids.
enum IDPart {
  /// What comes next of a line, never none.
  case ids([Int32])
  /// A line ends, be it an empty one.
  case end
}

/// Reads token ids, however long their lines are.
struct TokenIDReader {
  private let source: TextSource
  private let vocabularySize: Int
  /// Of the next byte, from 1.
  private var line = 1
  private var column = 1
  /// The number that is being read, and where it began.
  private var word: [UInt8] = []
  private var wordColumn = 1
  private var ids: [Int32] = []

  /// Numbers are never that long; of what is, no more is kept for the message.
  private static let longestWord = 41

  init(source: TextSource, vocabularySize: Int) {
    self.source = source
    self.vocabularySize = vocabularySize
  }

  /// Visits the ids in pieces until `body` returns false.
  ///
  /// - Returns: whether all were visited.
  @discardableResult
  mutating func forEachPart(
    _ body: (IDPart) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    var isOpen = false
    while let window = try source.next() {
      for byte in window {
        if byte == 0x20 || (0x09...0x0D).contains(byte) {
          if !word.isEmpty { try takeWord() }
        } else {
          if word.isEmpty { wordColumn = column }
          if word.count < Self.longestWord { word.append(byte) }
        }
        isOpen = byte != 0x0A
        column += 1
        guard byte == 0x0A else { continue }
        guard try flush(body) else { return false }
        guard try body(.end) else { return false }
        (line, column) = (line + 1, 1)
      }
      if try !flush(body) { return false }
    }
    if !word.isEmpty { try takeWord() }
    guard try flush(body) else { return false }
    return isOpen ? try body(.end) : true
  }

  private mutating func flush(
    _ body: (IDPart) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    if ids.isEmpty { return true }
    let taken = ids
    ids.removeAll(keepingCapacity: true)
    return try body(.ids(taken))
  }

  private mutating func takeWord() throws(CorpusError) {
    let place = CorpusError.Place(path: source.path, line: line, column: wordColumn)
    let text = String(decoding: word.prefix(40), as: UTF8.self)
    guard word.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
      throw .malformedID(text, at: place)
    }
    guard word.count <= 40, let id = Int32(text), id < vocabularySize else {
      throw .idOutsideVocabulary(text, vocabulary: vocabularySize, at: place)
    }
    ids.append(id)
    word.removeAll(keepingCapacity: true)
  }
}
