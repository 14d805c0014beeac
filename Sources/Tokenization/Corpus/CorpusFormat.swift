import ModelFiles

/// How the documents of a corpus lie in its files, as the user says.
public enum CorpusFormat: String, Sendable, CaseIterable {
  /// By the name, and where that tells nothing by the content.
  case auto
  /// A file is one document, whatever it holds.
  case text
  /// Every record is one: a line each, or the elements of an array.
  case jsonl
}

/// How the documents of one file lie in it.
enum DocumentLayout: Equatable {
  case text
  /// JSON lines: a record for each line.
  case lines
  /// JSON values one behind the other, over any number of lines, or the elements of one array.
  case values

  /// Finds the layout of `source`, looking ahead where its name does not say.
  ///
  /// Content decides only where it is certain: the first value is an object, or the first element
  /// of an array is, and has a text where the user says one is.
  init(
    of source: TextSource, format: CorpusFormat, field: String
  ) throws(CorpusError) {
    let name = Self.kind(of: source.path)
    switch (format, name) {
    case (.text, _), (.auto, "txt"), (.auto, "md"): self = .text
    case (.jsonl, _), (.auto, "jsonl"), (.auto, "ndjson"), (.auto, "json"):
      let isArray = try Self.firstByte(of: source) == UInt8(ascii: "[")
      self = isArray || name == "json" ? .values : .lines
    case (.auto, _): self = try Self.recognised(in: source, field: field)
    }
  }

  /// The extension that tells what a file holds: without `.gz`, in lower case.
  static func kind(of path: String) -> String {
    let path = FilePath(path)
    guard path.lowercasedExtension == "gz" else { return path.lowercasedExtension }
    return FilePath(String(path.lastComponent.dropLast(3))).lowercasedExtension
  }

  /// Whether the name alone tells that a file holds JSON records.
  static func isNamed(_ path: String) -> Bool {
    ["jsonl", "ndjson", "json"].contains(kind(of: path))
  }

  private static func firstByte(of source: TextSource) throws(CorpusError) -> UInt8? {
    guard let window = try source.next() else { return nil }
    source.putBack(window)
    return window[RecordText.start(of: window)...].first { !JSONText.isWhitespace($0) }
  }

  private static func recognised(
    in source: TextSource, field: String
  ) throws(CorpusError) -> DocumentLayout {
    var head: [UInt8] = []
    var splitter: JSONSplitter?
    var scanned = 0
    var opening: UInt8 = 0
    defer { source.putBack(head) }
    while head.count <= Corpus.longestRecord, let window = try source.next() {
      head += window
      if splitter == nil {
        let start = RecordText.start(of: head)
        guard let first = head[start...].firstIndex(where: { !JSONText.isWhitespace($0) })
        else { continue }
        opening = head[first]
        guard opening == UInt8(ascii: "{") || opening == UInt8(ascii: "[") else { return .text }
        guard
          let second = head[(first + 1)...].firstIndex(where: { !JSONText.isWhitespace($0) })
        else { continue }
        let isObject = opening == UInt8(ascii: "{")
        guard head[second] == UInt8(ascii: isObject ? "\"" : "{") else { return .text }
        scanned = isObject ? first : second
        splitter = JSONSplitter(start: scanned)
      }
      guard var current = splitter else { continue }
      if let end = current.end(in: head, from: scanned) {
        let value = head[current.start..<end]
        guard let record = try? RecordText.document(Array(value)).root,
          RecordText(record, field: field).isRecord
        else { return .text }
        let isOneLine = !value.contains(0x0A)
        return opening == UInt8(ascii: "{") && isOneLine ? .lines : .values
      }
      scanned = head.count
      splitter = current
    }
    return .text
  }
}
