/// Token ids written as text: decimal numbers with white space between them, a document a line.
///
/// It is what `tokenize` prints, so that ids can be made once, or by another program.
enum TokenIDText {
  /// Visits the ids of every line that holds any, until `body` returns false.
  ///
  /// - Throws: `CorpusError.malformedID` and `.idOutsideVocabulary` with line and column, both from
  ///   1, columns in bytes.
  /// - Returns: whether all lines were visited.
  static func forEachLine(
    of bytes: UnsafeBufferPointer<UInt8>, path: String, vocabularySize: Int,
    _ body: ([Int32]) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    var (line, lineStart) = (1, 0)
    var ids: [Int32] = []
    var position = 0
    while position <= bytes.count {
      if position == bytes.count || bytes[position] == 0x0A {
        if !ids.isEmpty, try !body(ids) { return false }
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
  /// Visits the documents of a corpus of token ids in order, a line each, until `body` returns false.
  @discardableResult
  func forEachIDDocument(
    vocabularySize: Int, _ body: ([Int32]) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Summary {
    var summary = Summary()
    for path in paths {
      let more = try Self.withContents(of: path) { bytes throws(CorpusError) in
        try TokenIDText.forEachLine(of: bytes, path: path, vocabularySize: vocabularySize) {
          ids throws(CorpusError) in
          summary.documents += 1
          return try body(ids)
        }
      }
      if !more { break }
    }
    return summary
  }
}
