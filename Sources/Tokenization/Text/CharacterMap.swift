import ModelFiles

/// SentencePiece's precompiled character map: a double-array trie of what is replaced, and what by.
///
/// The unit at a node holds its label in the low byte, whether a value follows in bit 8, and the
/// way to its children in the upper bits; a step leads from a node to `node ^ offset ^ byte`.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]
  /// Bytes of the longest replacement.
  let longestReplacement: Int
  /// Bytes of an entry or a replacement at most; those of NFKC have 33.
  static let lengthLimit = 256
  /// What stands in the file for the length of the trie, in bytes.
  private static let headerSize = 4

  /// Reads a map: the trie's length in bytes, the trie, and replacements, each ended by a zero.
  init(_ bytes: [UInt8]) throws(TokenizerProblem) {
    func unit(_ at: Int) -> UInt32 {
      UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
        | UInt32(bytes[at + 3]) << 24
    }
    guard bytes.count >= Self.headerSize else { throw .malformedCharacterMap }
    let size = Int(unit(0))
    guard size > 0, size % 4 == 0, size <= bytes.count - Self.headerSize else {
      throw .malformedCharacterMap
    }
    units = (0..<size / 4).map { unit(Self.headerSize + 4 * $0) }
    replacements = Array(bytes[(Self.headerSize + size)...])
    let isText = replacements.withUnsafeBufferPointer { UTF8Scan.firstIllFormed($0) == nil }
    longestReplacement = replacements.split(separator: 0).lazy.map(\.count).max() ?? 0
    guard isText, longestReplacement <= Self.lengthLimit else { throw .malformedCharacterMap }
  }

  /// Reads a map in base 64.
  init(base64 text: [UInt8]) throws(TokenizerProblem) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, width) = (UInt32(0), 0)
    var padding = 0
    for character in text {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      default: throw .malformedCharacterMap
      }
      guard padding == 0 else { throw .malformedCharacterMap }
      bits = bits << 6 | UInt32(value)
      width += 6
      if width >= 8 {
        width -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(width)))
      }
    }
    guard text.count % 4 == 0, padding <= 2 else { throw .malformedCharacterMap }
    try self.init(bytes)
  }

  // MARK: Looking up

  /// Calls `body` with the length and the value of each entry that the bytes at `position` begin
  /// with, shortest first, until it returns false.
  @inline(__always)
  private func forEachMatch(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Int, UInt32) -> Bool
  ) {
    var node = Self.offset(units[0])
    for position in range {
      let byte = text[position]
      guard byte != 0 else { return }
      node ^= Int(byte)
      guard node < units.count else { return }
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return }
      node ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 {
        guard node < units.count, body(position - range.lowerBound + 1, units[node]) else { return }
      }
    }
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
  }

  /// The replacement that a value points to; `nil` where it points into a character or nowhere.
  private func replacement(_ value: UInt32) -> ArraySlice<UInt8>? {
    let start = Int(value & 0x7FFF_FFFF)
    guard start < replacements.count, !UTF8Scan.isContinuation(replacements[start]) else {
      return nil
    }
    return replacements[start..<(replacements[start...].firstIndex(of: 0) ?? replacements.count)]
  }

  /// The longest entry that the bytes at `position` begin with.
  func longestMatch(
    _ text: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (length: Int, replacement: ArraySlice<UInt8>)? {
    var found: (length: Int, value: UInt32)?
    // Without an end a trie that leads back to itself would take the whole text for an entry.
    let end = min(text.count, position + Self.lengthLimit)
    forEachMatch(text, position..<end) { length, value in
      found = (length, value)
      return true
    }
    guard let found, let replacement = replacement(found.value) else { return nil }
    return (found.length, replacement)
  }

  /// What the reference puts for a part of the text: the replacement of the shortest entry that the
  /// part begins with, whatever follows.
  private func replacement(
    of text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> ArraySlice<UInt8>? {
    var found: UInt32?
    forEachMatch(text, range) { _, value in
      found = value
      return false
    }
    return found.flatMap { replacement($0) }
  }

  /// Text normalized as the Precompiled normalizer of `tokenizers` does it; `nil` where nothing
  /// changed.
  ///
  /// Grapheme clusters below 6 bytes are replaced whole, others scalar by scalar.
  func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 8)
    var changed = false
    let clusters = String(decoding: text, as: UTF8.self)
    var cluster = clusters.startIndex
    var position = 0
    while cluster < clusters.endIndex {
      // From one boundary to the next: an index made of an offset has to be sought from the start
      // of a run of flags or joined emoji, each time anew.
      let next = clusters.index(after: cluster)
      let end = position + clusters.utf8.distance(from: cluster, to: next)
      cluster = next
      if end - position < 6, let replacement = replacement(of: text, position..<end) {
        result.append(contentsOf: replacement)
        changed = true
        position = end
        continue
      }
      while position < end {
        let next = position + UTF8Scan.decode(text, at: position).length
        if let replacement = replacement(of: text, position..<next) {
          result.append(contentsOf: replacement)
          changed = true
        } else {
          result.append(contentsOf: text[position..<next])
        }
        position = next
      }
    }
    return changed ? result : nil
  }
}
