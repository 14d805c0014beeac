import Foundation
import ModelFiles

/// Reads a file that is one document, part by part, as well-formed UTF-8.
struct TextReader {
  let source: TextSource
  let isStrict: Bool
  /// Of the first byte that was not visited.
  private var offset = 0
  private var replacements = 0
  private var characters = 0

  init(source: TextSource, isStrict: Bool) {
    self.source = source
    self.isStrict = isStrict
  }

  /// Visits the parts until `body` returns false.
  ///
  /// - Returns: whether all were visited.
  /// - Throws: `CorpusError.notText` where what was read holds a NUL byte or is mostly ill-formed.
  mutating func visit(
    _ summary: inout Corpus.Summary, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    summary.documents += 1
    var held: [UInt8] = []
    var more = true
    while more, let window = try source.next() {
      let holdsNUL = window.withUnsafeBufferPointer { bytes in
        bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
      }
      if holdsNUL { throw .notText(path: source.path, holdsNUL: true) }
      let bytes = held.isEmpty ? window : held + window
      // A character that the next window completes waits for it.
      let whole = bytes.count - bytes.withUnsafeBufferPointer(UTF8Scan.incompleteSuffix)
      held = Array(bytes[whole...])
      more = try visit(bytes[..<whole], body)
    }
    if more, !held.isEmpty { more = try visit(held[...], body) }
    summary.replacements += replacements
    if replacements > characters / 2 { throw .notText(path: source.path, holdsNUL: false) }
    return more ? try body(.end) : false
  }

  private mutating func visit(
    _ bytes: ArraySlice<UInt8>, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    guard !bytes.isEmpty else { return true }
    let (path, offset, isStrict) = (source.path, offset, isStrict)
    self.offset += bytes.count
    let visited = bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(CorpusError) -> (more: Bool, replacements: Int, characters: Int) in
        guard let bad = UTF8Scan.firstIllFormed(bytes) else {
          return (try body(.text(bytes, of: path)), 0, UTF8Scan.characters(bytes))
        }
        if isStrict { throw .invalidUTF8(path: path, offset: offset + bad) }
        guard let (text, replacements) = UTF8Scan.repaired(bytes) else { return (true, 0, 0) }
        return try text.withUnsafeBufferPointer { text in
          Result { () throws(CorpusError) in
            (try body(.text(text, of: path)), replacements, UTF8Scan.characters(text))
          }
        }.get()
      }
    }
    let (more, replacements, characters) = try visited.get()
    self.replacements += replacements
    self.characters += characters
    return more
  }
}
