import ModelFiles

/// Byte-level byte-pair encoding: a word starts as its bytes and is merged by rank.
final class BytePairModel: SubwordModel {
  /// Pieces by the bytes they stand for.
  let pieces: PieceTable
  private let merges: MergeTable
  /// The id of each byte's piece; `missing` where the vocabulary has none.
  private let bytes: [UInt32]
  private let unknown: UInt32?
  private let fusesUnknown: Bool
  private let ignoresMerges: Bool
  private static let missing = UInt32.max

  /// - Parameters:
  ///   - unknown: the id for a byte without a piece; without it such bytes are left out.
  ///   - fusesUnknown: whether a run of such bytes gives one id.
  ///   - ignoresMerges: whether a word that is a piece is taken whole, whatever merging would give.
  init(
    pieces: PieceTable, merges: MergeTable, unknown: Int? = nil, fusesUnknown: Bool = false,
    ignoresMerges: Bool = false
  ) {
    self.pieces = pieces
    self.merges = merges
    self.unknown = unknown.map { UInt32(truncatingIfNeeded: $0) }
    self.fusesUnknown = fusesUnknown
    self.ignoresMerges = ignoresMerges
    bytes = (0...255).map { (byte: UInt8) in
      pieces.id(of: [byte]).map { UInt32(truncatingIfNeeded: $0) } ?? Self.missing
    }
  }

  /// The first byte that no piece stands for.
  var firstMissingByte: UInt8? {
    bytes.firstIndex(of: Self.missing).map { UInt8(truncatingIfNeeded: $0) }
  }

  func append(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch
  ) {
    guard length <= WordCache.longestWord else {
      return encode(word, length: length, to: scratch)
    }
    let key = WordCache.Key(word, length: length, readable: readable)
    if scratch.words.append(key, to: scratch) { return }
    let start = scratch.count
    encode(word, length: length, to: scratch)
    scratch.words.store(key, idsFrom: start, of: scratch)
  }

  private func encode(
    _ word: UnsafePointer<UInt8>, length: Int, to scratch: EncodingScratch
  ) {
    if ignoresMerges, let id = pieces.id(of: UnsafeBufferPointer(start: word, count: length)) {
      scratch.append(UInt32(truncatingIfNeeded: id))
      return
    }
    scratch.merging.begin(capacity: length)
    var previousIsUnknown = false
    for index in 0..<length {
      let id = bytes[Int(word[index])]
      if id != Self.missing {
        scratch.merging.append(id)
        previousIsUnknown = false
      } else if let unknown {
        if !(fusesUnknown && previousIsUnknown) { scratch.merging.append(unknown) }
        previousIsUnknown = true
      }
    }
    scratch.merging.mergeAll(merges)
    for id in scratch.merging.symbols { scratch.append(id) }
  }
}
