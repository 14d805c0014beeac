/// Pieces by id and ids by bytes.
///
/// Keys are bytes: `String` equality would take canonically equivalent pieces for one. All pieces
/// lie in one block; the look-up table is open addressing with a hash seeded at random, so that a
/// hostile vocabulary cannot make it slow.
struct PieceTable: Sendable {
  /// Ids at or above this are refused before anything is sized by them; the largest vocabularies in
  /// use have a sixteenth of it.
  static let idLimit = 1 << 22

  private var block: [UInt8] = []
  /// Start and end of each id's piece in the block; start above end where there is none.
  private var spans: [UInt64] = []
  private var slots: [UInt64] = []
  private var filled = 0
  private let seed = UInt64.random(in: .min ... .max)

  private static let absent: UInt64 = 1 << 32

  init(expectedPieces: Int = 0) {
    let pieces = min(max(expectedPieces, 0), Self.idLimit)
    slots = [UInt64](repeating: 0, count: Self.slotCount(for: pieces))
    spans.reserveCapacity(pieces)
    block.reserveCapacity(pieces * 8)
  }

  /// One more than the highest id.
  var idBound: Int { spans.count }

  private static func slotCount(for pieces: Int) -> Int {
    var count = 16
    while count < pieces * 2 { count *= 2 }
    return count
  }

  private static func bounds(of span: UInt64) -> Range<Int>? {
    span == absent ? nil : Int(span >> 32)..<Int(span & 0xFFFF_FFFF)
  }

  /// Adds a piece; refuses an id or a piece that is there already.
  mutating func insert(
    _ piece: UnsafeBufferPointer<UInt8>, id: Int
  ) throws(TokenizerProblem) {
    guard id >= 0, id < Self.idLimit, block.count + piece.count < Int(UInt32.max) else {
      throw .idOutOfRange(piece: String(decoding: piece, as: UTF8.self), limit: Self.idLimit)
    }
    while spans.count <= id { spans.append(Self.absent) }
    guard spans[id] == Self.absent else {
      throw .duplicateID(id: id, piece: String(decoding: piece, as: UTF8.self))
    }
    if filled * 2 >= slots.count { grow() }
    let hash = ByteHash.hash(piece, seed: seed)
    let (slot, found) = locate(piece, hash: hash)
    guard found == nil else { throw .duplicatePiece(String(decoding: piece, as: UTF8.self)) }
    slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(id + 1)
    filled += 1
    let start = block.count
    block.append(contentsOf: piece)
    spans[id] = UInt64(start) << 32 | UInt64(block.count)
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 {
      guard let bounds = Self.bounds(of: spans[Int(entry & 0xFFFF_FFFF) - 1]) else { continue }
      let hash = block.withUnsafeBufferPointer {
        ByteHash.hash(UnsafeBufferPointer(rebasing: $0[bounds]), seed: seed)
      }
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  @inline(__always)
  private func locate(
    _ piece: UnsafeBufferPointer<UInt8>, hash: UInt64
  ) -> (slot: Int, id: Int?) {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 {
        if slots[slot] >> 32 == hash >> 32 {
          let id = Int(slots[slot] & 0xFFFF_FFFF) - 1
          if holds(id, piece) { return (slot, id) }
        }
        slot = (slot + 1) & mask
      }
      return (slot, nil)
    }
  }

  @inline(__always)
  private func holds(_ id: Int, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let bounds = Self.bounds(of: spans[id]), bounds.count == piece.count else { return false }
    return block.withUnsafeBufferPointer { block in
      for index in 0..<piece.count where block[bounds.lowerBound + index] != piece[index] {
        return false
      }
      return true
    }
  }

  /// The id of the piece with these bytes.
  @inline(__always)
  func id(of piece: UnsafeBufferPointer<UInt8>) -> Int? {
    locate(piece, hash: ByteHash.hash(piece, seed: seed)).id
  }

  func id(of piece: some Sequence<UInt8>) -> Int? {
    Array(piece).withUnsafeBufferPointer { id(of: $0) }
  }

  /// Visits every piece that is the first of its id, by id.
  func forEachPiece(_ body: (_ piece: UnsafeBufferPointer<UInt8>, _ id: Int) -> Void) {
    block.withUnsafeBufferPointer { block in
      for (id, span) in spans.enumerated() {
        guard let bounds = Self.bounds(of: span) else { continue }
        body(UnsafeBufferPointer(rebasing: block[bounds]), id)
      }
    }
  }

  /// The bytes of the piece with this id.
  func piece(_ id: Int) -> ArraySlice<UInt8>? {
    guard spans.indices.contains(id), let bounds = Self.bounds(of: spans[id]) else { return nil }
    return block[bounds]
  }
}
