import ModelFiles

/// Pieces by id and ids by bytes.
///
/// Keys are bytes: `String` equality would take canonically equivalent pieces for one. Short pieces
/// lie in the slots of the look-up table themselves, so that most look-ups touch one cache line;
/// the hash is seeded at random, so that a hostile vocabulary cannot make it slow.
struct PieceTable: Sendable {
  /// Ids at or above this are refused before anything is sized by them; the largest vocabularies in
  /// use have a sixteenth of it.
  static let idLimit = 1 << 22

  /// A piece of up to 24 bytes, padded with zeros; of a longer one its hash and where it starts.
  private struct Key: Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var length: UInt32 = 0

    static let longestInline: UInt32 = 24
    var isInline: Bool { length <= Self.longestInline }
  }

  private struct Slot {
    var key = Key()
    /// One more than the id; 0 where the slot is free.
    var next: UInt32 = 0
  }

  /// All pieces, one after another.
  private var block: [UInt8] = []
  /// Start and end of each id's piece in the block; start above end where there is none.
  private var spans: [UInt64] = []
  /// Ids that have another piece already, and where theirs lie.
  private var laterSpans: [(id: Int, span: UInt64)] = []
  private var slots: [Slot]
  private var filled = 0
  private let seed = UInt64.random(in: .min ... .max)

  private static let absent: UInt64 = 1 << 32

  init(expectedPieces: Int = 0) {
    let pieces = min(max(expectedPieces, 0), Self.idLimit)
    var count = 16
    while count < pieces * 2 { count *= 2 }
    slots = [Slot](repeating: Slot(), count: count)
    spans.reserveCapacity(pieces)
    block.reserveCapacity(pieces * 8)
  }

  /// One more than the highest id.
  var idBound: Int { spans.count }

  private static func bounds(of span: UInt64) -> Range<Int>? {
    span == absent ? nil : Int(span >> 32)..<Int(span & 0xFFFF_FFFF)
  }

  // MARK: Filling

  /// Adds a piece; refuses one that is there already. Several pieces may have one id: the first of
  /// them is its name.
  mutating func insert(
    _ piece: UnsafeBufferPointer<UInt8>, id: Int
  ) throws(TokenizerProblem) {
    guard id >= 0, id < Self.idLimit, piece.count < Int(UInt32.max) - block.count else {
      throw .idOutOfRange(piece: String(decoding: piece, as: UTF8.self), limit: Self.idLimit)
    }
    if filled * 2 >= slots.count { grow() }
    let found = locate(piece)
    guard slots[found].next == 0 else {
      throw .duplicatePiece(String(decoding: piece, as: UTF8.self))
    }
    var key = key(of: piece)
    let start = block.count
    if !key.isInline { key.second = UInt64(start) }
    slots[found] = Slot(key: key, next: UInt32(truncatingIfNeeded: id + 1))
    filled += 1
    block.append(contentsOf: piece)
    let span = UInt64(start) << 32 | UInt64(block.count)
    while spans.count <= id { spans.append(Self.absent) }
    if spans[id] == Self.absent { spans[id] = span } else { laterSpans.append((id, span)) }
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.next != 0 {
      var index = firstIndex(of: slot.key)
      while slots[index].next != 0 { index = (index + 1) & (slots.count - 1) }
      slots[index] = slot
    }
  }

  // MARK: Looking up

  @inline(__always)
  private func key(of piece: UnsafeBufferPointer<UInt8>) -> Key {
    var key = Key()
    key.length = UInt32(truncatingIfNeeded: piece.count)
    let raw = UnsafeRawBufferPointer(piece)
    if !key.isInline {
      key.first = ByteHash.hash(piece, seed: seed)
    } else if piece.count <= 8 {
      key.first = Self.word(raw, at: 0, count: piece.count)
    } else {
      key.first = Self.word(raw, at: 0, count: 8)
      key.second = Self.word(raw, at: 8, count: min(piece.count - 8, 8))
      if piece.count > 16 { key.third = Self.word(raw, at: 16, count: piece.count - 16) }
    }
    return key
  }

  /// Up to 8 bytes, padded with zeros, in few loads, which may overlap.
  @inline(__always)
  private static func word(_ raw: UnsafeRawBufferPointer, at start: Int, count: Int) -> UInt64 {
    if count == 8 { return raw.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    if count >= 4 {
      let low = raw.loadUnaligned(fromByteOffset: start, as: UInt32.self)
      let high = raw.loadUnaligned(fromByteOffset: start + count - 4, as: UInt32.self)
      return UInt64(low) | UInt64(high) << UInt64(8 * (count - 4))
    }
    guard count > 0 else { return 0 }
    return UInt64(raw[start]) | UInt64(raw[start + count / 2]) << UInt64(8 * (count / 2))
      | UInt64(raw[start + count - 1]) << UInt64(8 * (count - 1))
  }

  /// Where the search for a key starts.
  @inline(__always)
  private func firstIndex(of key: Key) -> Int {
    var hash = ByteHash.mix(key.first ^ seed)
    if key.isInline, key.length > 8 { hash = ByteHash.mix(hash ^ key.second ^ key.third &* 31) }
    return Int(truncatingIfNeeded: hash) & (slots.count - 1)
  }

  /// The slot of a piece, or the free one where it would go.
  @inline(__always)
  private func locate(_ piece: UnsafeBufferPointer<UInt8>) -> Int {
    let key = key(of: piece)
    return locate(piece, key, from: firstIndex(of: key))
  }

  @inline(__always)
  private func locate(
    _ piece: UnsafeBufferPointer<UInt8>, _ key: Key, from first: Int
  ) -> Int {
    slots.withUnsafeBufferPointer { slots in
      var index = first
      while slots[index].next != 0, !matches(slots[index].key, key, piece) {
        index = (index + 1) & (slots.count - 1)
      }
      return index
    }
  }

  @inline(__always)
  private func matches(
    _ stored: Key, _ key: Key, _ piece: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard key.isInline else {
      guard stored.length == key.length, stored.first == key.first else { return false }
      let start = Int(truncatingIfNeeded: stored.second)
      return block[start..<start + piece.count].elementsEqual(piece)
    }
    return stored == key
  }

  /// Where the search for a piece starts, and what lies there.
  struct Probe {
    fileprivate var index = 0
    fileprivate var next: UInt32 = 0
  }

  /// The beginning of a look-up; others can begin before it goes on.
  @inline(__always)
  func probe(_ piece: UnsafeBufferPointer<UInt8>) -> Probe {
    slots.withUnsafeBufferPointer { slots in
      let index = firstIndex(of: key(of: piece))
      return Probe(index: index, next: slots[index].next)
    }
  }

  /// The rest of the look-up; no piece may have been inserted meanwhile.
  @inline(__always)
  func id(of piece: UnsafeBufferPointer<UInt8>, from probe: Probe) -> Int? {
    guard probe.next != 0 else { return nil }
    let found = slots[locate(piece, key(of: piece), from: probe.index)].next
    return found == 0 ? nil : Int(found) - 1
  }

  /// The id of the piece with these bytes.
  @inline(__always)
  func id(of piece: UnsafeBufferPointer<UInt8>) -> Int? {
    let next = slots[locate(piece)].next
    return next == 0 ? nil : Int(next) - 1
  }

  func id(of piece: some Sequence<UInt8>) -> Int? {
    Array(piece).withUnsafeBufferPointer { id(of: $0) }
  }

  /// Visits every piece, by id; of several with one id the later ones come last.
  func forEachEntry(_ body: (_ piece: UnsafeBufferPointer<UInt8>, _ id: Int) -> Void) {
    block.withUnsafeBufferPointer { block in
      for (id, span) in spans.enumerated() {
        guard let bounds = Self.bounds(of: span) else { continue }
        body(UnsafeBufferPointer(rebasing: block[bounds]), id)
      }
      for (id, span) in laterSpans {
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

  /// Whether the piece with this id has these bytes; cheaper than a look-up for ids in order.
  @inline(__always)
  func holds(_ id: Int, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    guard id < spans.count, let bounds = Self.bounds(of: spans[id]), bounds.count == piece.count
    else { return false }
    return block.withUnsafeBufferPointer { block in
      for index in 0..<piece.count where block[bounds.lowerBound + index] != piece[index] {
        return false
      }
      return true
    }
  }
}
