import Foundation
import ModelFiles

/// Reads the records of a file of JSON lines or of other JSON values, one at a time.
struct RecordReader {
  let source: TextSource
  let options: Corpus.Options

  private var path: String { source.path }

  /// Visits the texts in order until `body` returns false.
  ///
  /// - Returns: whether all were visited.
  func forEach(
    _ layout: DocumentLayout, _ summary: inout Corpus.Summary, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    layout == .values
      ? try forEachValue(&summary, body) : try forEachLine(&summary, body)
  }

  private func forEachLine(
    _ summary: inout Corpus.Summary, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    var lines = LineReader(source: source)
    var number = 0
    while let line = try lines.next() {
      number += 1
      let start = RecordText.start(of: line.bytes)
      let bytes = start > 0 ? Array(line.bytes[start...]) : line.bytes
      if bytes.allSatisfy(JSONText.isWhitespace) { continue }
      let place = Place(line: number, offset: line.offset + start)
      guard try visit(bytes, at: place, &summary, body) else { return false }
    }
    return true
  }

  private struct Place {
    /// From 1.
    var line: Int
    /// Of the record's first byte in the file.
    var offset: Int
  }

  private func visit(
    _ bytes: [UInt8], at place: Place, _ summary: inout Corpus.Summary, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    var bytes = bytes
    if let bad = bytes.withUnsafeBufferPointer({ UTF8Scan.firstIllFormed($0) }) {
      if options.isStrict { throw .invalidUTF8(path: path, offset: place.offset + bad) }
      if let (text, replacements) = repairedUTF8(bytes) {
        bytes = text
        summary.replacements += replacements
      }
    }
    let record: JSONNode
    do throws(JSONError) {
      record = try RecordText.document(bytes).root
    } catch {
      throw .json(path: path, line: place.line, error)
    }
    switch RecordText(record, field: options.textField) {
    case .missing:
      let names = record.members.prefix(8).map(\.key)
      throw .missingText(path: path, line: place.line, field: options.textField, found: names)
    case .none:
      summary.withoutText += 1
      return true
    case .text(let text):
      summary.documents += 1
      let more = text.withUnsafeBufferPointer { text in
        Result { () throws(CorpusError) in try body(.text(text, of: path)) }
      }
      guard try more.get() else { return false }
      return try body(.end)
    }
  }

  // MARK: Values

  /// Objects one behind the other, or those of one array.
  private func forEachValue(
    _ summary: inout Corpus.Summary, _ body: DocumentVisitor
  ) throws(CorpusError) -> Bool {
    var buffer: [UInt8] = []
    // Where `buffer` begins in the file, the line that is being read, and up to where in `buffer`
    // the ends of lines were counted.
    var (offset, line, counted) = (0, 1, 0)
    func lineNumber(at position: Int) -> Int {
      line += buffer[counted..<position].withUnsafeBufferPointer { bytes in
        bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
      }
      counted = position
      return line
    }
    var position = 0
    var splitter: JSONSplitter?
    var array = ArrayState.unknown
    while let window = try source.next() {
      if offset == 0, buffer.isEmpty { position = RecordText.start(of: window) }
      buffer += window
      while position < buffer.count {
        if var open = splitter {
          guard let end = open.end(in: buffer, from: position) else {
            splitter = open
            position = buffer.count
            guard buffer.count - open.start <= Corpus.longestRecord else {
              throw .recordTooLong(
                path: path, line: lineNumber(at: open.start), limit: Corpus.longestRecord)
            }
            break
          }
          let place = Place(line: lineNumber(at: open.start), offset: offset + open.start)
          let record = Array(buffer[open.start..<end])
          (splitter, position) = (nil, end)
          array.take()
          guard try visit(record, at: place, &summary, body) else { return false }
          continue
        }
        let byte = buffer[position]
        if JSONText.isWhitespace(byte) {
          position += 1
        } else if byte == UInt8(ascii: "{"), array.takesValue {
          splitter = JSONSplitter(start: position)
        } else if array.step(byte) {
          position += 1
        } else {
          let kind: JSONError.Kind = array == .closed ? .trailingBytes : .unexpectedByte(byte)
          throw .json(
            path: path, line: lineNumber(at: position),
            JSONError(offset: offset + position, kind: kind))
        }
      }
      let settled = splitter?.start ?? position
      _ = lineNumber(at: settled)
      counted = 0
      offset += settled
      buffer.removeFirst(settled)
      position -= settled
      splitter?.start = 0
    }
    guard splitter == nil, array.mayEnd else {
      let end = JSONError(offset: offset + buffer.count, kind: .unexpectedEnd)
      throw .json(path: path, line: lineNumber(at: buffer.count), end)
    }
    return true
  }
}
/// Where in an array, if there is one, the next byte stands.
private enum ArrayState {
  /// Nothing was read yet.
  case unknown
  /// Objects stand side by side.
  case none
  case opened, behindElement, behindComma, closed

  var takesValue: Bool { self != .behindElement && self != .closed }
  var mayEnd: Bool { self == .unknown || self == .none || self == .closed }

  mutating func take() { self = self == .unknown || self == .none ? .none : .behindElement }

  /// Whether a bracket or a comma may stand here.
  mutating func step(_ byte: UInt8) -> Bool {
    switch (self, byte) {
    case (.unknown, UInt8(ascii: "[")): self = .opened
    case (.opened, UInt8(ascii: "]")), (.behindElement, UInt8(ascii: "]")): self = .closed
    case (.behindElement, UInt8(ascii: ",")): self = .behindComma
    default: return false
    }
    return true
  }
}

/// The lines of a file, each as a whole.
private struct LineReader {
  let source: TextSource
  private var window: [UInt8] = []
  private var position = 0
  /// Of `position` in the file.
  private var offset = 0
  private var number = 0

  init(source: TextSource) { self.source = source }

  /// The next line without its end, and the offset of its first byte in the file.
  mutating func next() throws(CorpusError) -> (bytes: [UInt8], offset: Int)? {
    var line: [UInt8] = []
    let start = offset
    number += 1
    while true {
      if position == window.count {
        guard let next = try source.next() else {
          return offset > start ? (line, start) : nil
        }
        (window, position) = (next, 0)
      }
      let end = window[position...].withUnsafeBufferPointer { rest -> Int? in
        guard let base = rest.baseAddress, let found = memchr(base, 0x0A, rest.count) else {
          return nil
        }
        return base.distance(to: found.assumingMemoryBound(to: UInt8.self))
      }
      let count = end ?? window.count - position
      line += window[position..<position + count]
      let taken = end == nil ? count : count + 1
      (position, offset) = (position + taken, offset + taken)
      if end != nil { return (line, start) }
      guard line.count <= Corpus.longestRecord else {
        throw .recordTooLong(path: source.path, line: number, limit: Corpus.longestRecord)
      }
    }
  }
}
