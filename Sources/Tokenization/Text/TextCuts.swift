import ModelFiles

/// Where a text may be cut so that its parts, each encoded by itself, give the ids of the whole;
/// what each cut rests on is said in `ParallelEncoding.swift`.
struct TextCuts: Sendable, Equatable {
  /// Before a space between two ASCII letters, the first a small one.
  var beforeSpaces = false
  /// Behind a line feed that follows something else than white space and stands before a letter.
  var behindLines = false
  /// What follows a carriage return may do so as well: a pattern takes all line ends together.
  var joinsLineEnds = false
  /// Before an ideographic comma or full stop behind a letter.
  var beforeStops = false

  var isEmpty: Bool { !beforeSpaces && !behindLines && !beforeStops }

  /// `、`, `。` and `，`.
  static let stops: [UInt32] = [0x3001, 0x3002, 0xFF0C]

  /// The ranges of parts of about `size` bytes.
  func parts(of text: UnsafeBufferPointer<UInt8>, size: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    while text.count - start > size, let cut = first(in: text, from: start + size) {
      parts.append(start..<cut)
      start = cut
    }
    if start < text.count { parts.append(start..<text.count) }
    return parts
  }

  /// The last cut of a text that may go on, in whole characters; nothing before `from` is looked at
  /// but for the characters just before.
  func last(in text: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    if isEmpty { return nil }
    var position = text.count - 1
    // A cut shows only once the character behind it is there.
    while position > max(0, from - 8) {
      if isCut(text, position) { return position }
      position -= 1
    }
    return nil
  }

  private func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    if isEmpty { return nil }
    var position = max(start, 1)
    while position < text.count {
      if isCut(text, position) { return position }
      position += 1
    }
    return nil
  }

  @inline(__always)
  private func isCut(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    let before = text[position - 1]
    let byte = text[position]
    if byte == 0x20 {
      return beforeSpaces && before &- UInt8(ascii: "a") < 26 && position + 1 < text.count
        && (text[position + 1] | 0x20) &- UInt8(ascii: "a") < 26
    }
    if before == 0x0A { return behindLines && isBehindLine(text, position) }
    if before == 0x0D, byte == 0x0A {
      return behindLines && !joinsLineEnds && isSettledLetter(text, position + 1)
        && isBehindText(text, position - 1)
    }
    return byte >= 0xE3 && beforeStops && isBeforeStop(text, position)
  }

  private func isBehindLine(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    guard isSettledLetter(text, position) else { return false }
    var end = position - 1
    if end > 0, text[end - 1] == 0x0D {
      // Where line ends stay apart, the cut lies between the two.
      guard joinsLineEnds else { return false }
      end -= 1
    }
    return isBehindText(text, end)
  }

  private func isBeforeStop(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    guard !UTF8Scan.isContinuation(text[position]),
      Self.stops.contains(UTF8Scan.decode(text, at: position).scalar)
    else { return false }
    let start = UTF8Scan.start(text, before: position)
    return !UnicodeClasses.shared[UTF8Scan.decode(text, at: start).scalar].isDisjoint(with: .letter)
  }

  /// Whether a letter stands there that composing neither changes nor joins to what is before it.
  private func isSettledLetter(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    guard position < text.count else { return false }
    let set = UnicodeClasses.shared[UTF8Scan.decode(text, at: position).scalar]
    return !set.isDisjoint(with: .letter) && !set.contains(.unsettled)
  }

  /// Whether something else than white space ends there.
  private func isBehindText(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Bool {
    guard end > 0 else { return false }
    let start = UTF8Scan.start(text, before: end)
    return !UnicodeClasses.shared[UTF8Scan.decode(text, at: start).scalar].contains(.space)
  }
}
