/// Token ids written as text: decimal numbers with white space between them, a document a line.
///
/// It is what `tokenize` prints, so that ids can be made once, or by another program.
public enum TokenIDText {
  /// Visits the ids of every line of a file, a pipe or, as `-`, standard input.
  ///
  /// - Parameter vocabularySize: one more than the highest id.
  /// - Throws: `CorpusError.malformedID` and `.idOutsideVocabulary` with line and column, both from
  ///   1, columns in bytes; what `body` throws.
  public static func forEachLine(
    ofFile path: String, vocabularySize: Int, _ body: ([Int32]) throws -> Void
  ) throws {
    var problem: (any Error)?
    try Corpus.withContents(of: path) { bytes throws(CorpusError) in
      try forEachLine(of: bytes, path: path, vocabularySize: vocabularySize) { ids in
        do { try body(ids) } catch { problem = error }
        return problem == nil
      }
    }
    if let problem { throw problem }
  }

  /// Visits the ids of every line, until `body` returns false.
  ///
  /// - Throws: as above.
  /// - Returns: whether all lines were visited.
  @discardableResult
  static func forEachLine(
    of bytes: UnsafeBufferPointer<UInt8>, path: String, vocabularySize: Int,
    _ body: ([Int32]) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    var (line, lineStart) = (1, 0)
    var ids: [Int32] = []
    var position = 0
    while position < bytes.count || lineStart < bytes.count {
      if position == bytes.count || bytes[position] == 0x0A {
        if try !body(ids) { return false }
        ids.removeAll(keepingCapacity: true)
        position += 1
        (line, lineStart) = (line + 1, position)
        continue
      }
      if isSpace(bytes[position]) {
        position += 1
        continue
      }
      let start = position
      while position < bytes.count, !isSpace(bytes[position]) { position += 1 }
      let word = bytes[start..<position]
      let place = CorpusError.Place(path: path, line: line, column: start - lineStart + 1)
      guard word.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
        throw .malformedID(String(decoding: word.prefix(40), as: UTF8.self), at: place)
      }
      let text = String(decoding: word.prefix(40), as: UTF8.self)
      guard word.count <= 40, let id = Int32(text), id < vocabularySize else {
        throw .idOutsideVocabulary(text, vocabulary: vocabularySize, at: place)
      }
      ids.append(id)
    }
    return true
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

extension Corpus {
  /// Visits the documents of a corpus of token ids in order, a line that holds any each, until `body` returns false.
  @discardableResult
  func forEachIDDocument(
    vocabularySize: Int, _ body: ([Int32]) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Summary {
    var summary = Summary()
    for path in paths {
      let more = try Self.withContents(of: path) { bytes throws(CorpusError) in
        try TokenIDText.forEachLine(of: bytes, path: path, vocabularySize: vocabularySize) {
          ids throws(CorpusError) in
          if ids.isEmpty { return true }
          summary.documents += 1
          return try body(ids)
        }
      }
      if !more { break }
    }
    return summary
  }
}
