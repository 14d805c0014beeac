import ModelFiles

/// The unigram model: of all ways to cut a word into pieces the one with the highest sum of scores.
final class UnigramModel: SubwordModel {
  struct Settings {
    var unknown: Int
    /// Whether what has no piece gives the pieces `<0x00>`… of its bytes, if all exist.
    var fallsBackToBytes = false
    /// Sums are rounded to single precision, as the SentencePiece library keeps them; otherwise to
    /// double precision, as `tokenizers` does.
    var roundsToSingle = false
    /// Pieces that text can be cut into; all where `nil`.
    var usable: [Bool]?
  }

  private let pieces: PieceTable
  private let trie: PieceTrie
  private let scores: [Double]
  private let unknownScore: Double
  private let settings: Settings
  private let bytes: [UInt32]

  private static let missing = UInt32.max
  private static let unknownPenalty = 10.0

  /// - Parameter scores: one an id.
  init(pieces: PieceTable, scores: [Double], settings: Settings) {
    self.pieces = pieces
    self.scores = scores
    self.settings = settings
    var usable: [(piece: ArraySlice<UInt8>, id: Int)] = []
    var lowest = Double.infinity
    for (id, score) in scores.enumerated() {
      guard settings.usable.map({ $0[id] }) ?? true else { continue }
      lowest = min(lowest, score)
      if let piece = pieces.piece(id), !piece.isEmpty { usable.append((piece, id)) }
    }
    trie = PieceTrie(usable)
    unknownScore = lowest - Self.unknownPenalty
    bytes =
      settings.fallsBackToBytes
      ? (0...255).map { (byte: UInt8) in
        pieces.id(of: CharacterPairModel.byteName(byte)).map { UInt32(truncatingIfNeeded: $0) }
          ?? Self.missing
      } : []
  }

  func append(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch
  ) {
    let text = UnsafeBufferPointer(start: word, count: length)
    guard length <= WordCache.longestWord else { return encode(text, to: scratch) }
    let key = WordCache.Key(word, length: length, readable: readable)
    if scratch.words.append(key, to: scratch) { return }
    let start = scratch.count
    encode(text, to: scratch)
    scratch.words.store(key, idsFrom: start, of: scratch)
  }

  /// Viterbi's algorithm: the best way to every place between characters, then back from the end.
  ///
  /// - Complexity: O(n · longest piece) for n bytes.
  private func encode(_ word: UnsafeBufferPointer<UInt8>, to scratch: EncodingScratch) {
    guard !word.isEmpty else { return }
    var best = scratch.lattice
    scratch.lattice = []
    best.removeAll(keepingCapacity: word.count < 1 << 16)
    best.append(contentsOf: repeatElement(LatticeNode(), count: word.count + 1))
    let rounds = settings.roundsToSingle
    best.withUnsafeMutableBufferPointer { best in
      var start = 0
      while start < word.count {
        let length = UTF8Scan.decode(word, at: start).length
        let before = best[start].score
        var coversCharacter = false
        func offer(_ id: Int, _ end: Int, _ score: Double) {
          var sum = score + before
          if rounds { sum = Double(Float(sum)) }
          if best[end].start < 0 || sum > best[end].score {
            best[end] = LatticeNode(
              score: sum, start: Int32(truncatingIfNeeded: start),
              id: Int32(truncatingIfNeeded: id))
          }
        }
        trie.forEachPiece(word, from: start) { id, end in
          offer(id, end, scores[id])
          if end - start == length { coversCharacter = true }
        }
        if !coversCharacter { offer(settings.unknown, start + length, unknownScore) }
        start += length
      }
    }
    appendBest(best, of: word, to: scratch)
    scratch.lattice = best
  }

  private func appendBest(
    _ best: [LatticeNode], of word: UnsafeBufferPointer<UInt8>, to scratch: EncodingScratch
  ) {
    var path: [(id: Int, range: Range<Int>)] = []
    var end = word.count
    while end > 0 {
      let (id, start) = (Int(best[end].id), Int(best[end].start))
      // Neighbours that are unknown are one.
      if id == settings.unknown, let last = path.last, last.id == id {
        path[path.count - 1].range = start..<last.range.upperBound
      } else {
        path.append((id, start..<end))
      }
      end = start
    }
    for (id, range) in path.reversed() {
      guard id == settings.unknown else {
        scratch.append(UInt32(truncatingIfNeeded: id))
        continue
      }
      let part = UnsafeBufferPointer(rebasing: word[range])
      if settings.usable == nil, let id = pieces.id(of: part) {
        scratch.append(UInt32(truncatingIfNeeded: id))
      } else if !bytes.isEmpty, part.allSatisfy({ bytes[Int($0)] != Self.missing }) {
        for byte in part { scratch.append(bytes[Int(byte)]) }
      } else {
        scratch.append(UInt32(truncatingIfNeeded: id))
      }
    }
  }
}

/// The best way to one place of a word.
struct LatticeNode {
  var score = 0.0
  /// Where the last piece of that way starts; negative where none was found yet.
  var start: Int32 = -1
  var id: Int32 = -1
}
