import ModelFiles

/// Byte-pair encoding of characters, as SentencePiece has it: a word starts as its characters,
/// those without a piece as the pieces of their bytes or as the unknown token, and is merged by
/// rank.
final class CharacterPairModel: SubwordModel {
  struct Settings {
    /// The id for a character without a piece; without it such characters are left out.
    var unknown: Int?
    /// Whether a run of such characters gives one id.
    var fusesUnknown = false
    /// Whether a character without a piece gives the pieces `<0x00>`… of its bytes, if all exist.
    var fallsBackToBytes = false
    /// Whether a word that is a piece is taken whole, whatever merging would give.
    var ignoresMerges = false
  }

  private let pieces: PieceTable
  private let merges: MergeTable
  private let unknown: UInt32?
  private let settings: Settings
  /// The ids of characters of up to three bytes; `missing` where the vocabulary has none.
  private let characters: [UInt32]
  /// The ids of `<0x00>`…; empty without byte fallback.
  private let bytes: [UInt32]
  /// By the byte before a mark that stands for a space: whether a merge may join both. Empty where
  /// words must not be cut before marks.
  private let joinsMark: [Bool]

  private static let missing = UInt32.max
  private static let tabled: UInt32 = 0x10000

  init(pieces: PieceTable, merges: MergeTable, settings: Settings) {
    self.pieces = pieces
    self.merges = merges
    self.settings = settings
    unknown = settings.unknown.map { UInt32(truncatingIfNeeded: $0) }
    var characters = [UInt32](repeating: Self.missing, count: Int(Self.tabled))
    pieces.forEachEntry { piece, id in
      guard (1...3).contains(piece.count) else { return }
      let (scalar, length) = UTF8Scan.decode(piece, at: 0)
      if length == piece.count { characters[Int(scalar)] = UInt32(truncatingIfNeeded: id) }
    }
    self.characters = characters
    bytes =
      settings.fallsBackToBytes
      ? (0...255).map { (byte: UInt8) in
        pieces.id(of: Self.byteName(byte)).map { UInt32(truncatingIfNeeded: $0) } ?? Self.missing
      } : []
    joinsMark =
      settings.ignoresMerges || characters[0x2581] == Self.missing
      ? [] : Self.marksJoined(pieces, merges)
  }

  /// Whether a mark behind an ASCII small letter always begins a part that is encoded by itself.
  var startsPartsAtMarksBehindLetters: Bool {
    !joinsMark.isEmpty
      && (UInt8(ascii: "a")...UInt8(ascii: "z")).allSatisfy { !joinsMark[Int($0)] }
  }

  /// How a vocabulary spells the piece of a byte.
  static func byteName(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)
  }

  /// The bytes that stand before a mark inside a piece that comes out of merging.
  private static func marksJoined(_ pieces: PieceTable, _ merges: MergeTable) -> [Bool] {
    let mark = SentencePieceNormalizer.mark
    var suspects: [Int: Set<UInt8>] = [:]
    pieces.forEachEntry { piece, id in
      guard piece.count > mark.count else { return }
      for index in 1...(piece.count - mark.count)
      where piece[index] == mark[0] && isMark(piece.baseAddress, index)
        && !(index >= mark.count && isMark(piece.baseAddress, index - mark.count))
      {
        suspects[id, default: []].insert(piece[index - 1])
      }
    }
    var joins = [Bool](repeating: false, count: 256)
    if !suspects.isEmpty {
      merges.forEachMergedID { id in
        for byte in suspects[id] ?? [] { joins[Int(byte)] = true }
      }
    }
    return joins
  }

  @inline(__always)
  private static func isMark(_ base: UnsafePointer<UInt8>?, _ position: Int) -> Bool {
    guard let base else { return false }
    return base[position] == 0xE2 && base[position + 1] == 0x96 && base[position + 2] == 0x81
  }

  /// A mark that no merge joins to what stands before it begins a part that can be encoded by
  /// itself: a text without white space to split at is one word, but seldom one part.
  func append(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch
  ) {
    var start = 0
    if !joinsMark.isEmpty, length > 3 {
      var position = 1
      while position + 3 <= length {
        guard word[position] == 0xE2, Self.isMark(word, position) else {
          position += 1
          continue
        }
        let followsMark = position >= start + 3 && Self.isMark(word, position - 3)
        if !followsMark, !joinsMark[Int(word[position - 1])] {
          appendPart(
            word + start, length: position - start, readable: readable - start, to: scratch)
          if scratch.isFull { return }
          start = position
        }
        position += 3
      }
    }
    appendPart(word + start, length: length - start, readable: readable - start, to: scratch)
  }

  private func appendPart(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch
  ) {
    guard length <= WordCache.longestWord else {
      return encode(UnsafeBufferPointer(start: word, count: length), to: scratch)
    }
    let key = WordCache.Key(word, length: length, readable: readable)
    if scratch.words.append(key, to: scratch) { return }
    let start = scratch.count
    encode(UnsafeBufferPointer(start: word, count: length), to: scratch)
    scratch.words.store(key, idsFrom: start, of: scratch)
  }

  private func encode(_ word: UnsafeBufferPointer<UInt8>, to scratch: EncodingScratch) {
    if settings.ignoresMerges, let id = pieces.id(of: word) {
      scratch.append(UInt32(truncatingIfNeeded: id))
      return
    }
    scratch.merging.begin(capacity: word.count)
    // An unknown character waits until the next known one, or the end; bytes do not release it.
    var waiting: UInt32?
    var position = 0
    while position < word.count {
      let (scalar, length) = UTF8Scan.decode(word, at: position)
      let end = position + length
      let character = UnsafeBufferPointer(rebasing: word[position..<end])
      position = end
      let id =
        scalar < Self.tabled
        ? characters[Int(scalar)]
        : pieces.id(of: character).map { UInt32(truncatingIfNeeded: $0) } ?? Self.missing
      if id != Self.missing {
        if let unknown = waiting { scratch.merging.append(unknown) }
        waiting = nil
        scratch.merging.append(id)
      } else if !bytes.isEmpty, character.allSatisfy({ bytes[Int($0)] != Self.missing }) {
        for byte in character { scratch.merging.append(bytes[Int(byte)]) }
      } else if let unknown {
        if let earlier = waiting, !settings.fusesUnknown { scratch.merging.append(earlier) }
        waiting = unknown
      }
    }
    if let waiting { scratch.merging.append(waiting) }
    scratch.merging.mergeAll(merges)
    for id in scratch.merging.symbols { scratch.append(id) }
  }
}
