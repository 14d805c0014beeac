import ModelFiles

/// What two neighbouring pieces merge to, and how early.
///
/// Open addressing over one block; the hash is seeded at random, so that a hostile file cannot
/// choose pairs that collide.
struct MergeTable: Sendable {
  /// The result of a look-up that found nothing; later than every merge.
  static let none = UInt64.max

  private struct Entry {
    var pair: UInt64
    /// Rank in the high half, the merged piece's id in the low half.
    var merge: UInt64
  }

  private var entries: [Entry]
  private var filled = 0
  private let seed = UInt64.random(in: .min ... .max)
  private static let free = UInt64.max

  init(expectedMerges: Int) {
    var count = 16
    while count < min(expectedMerges, 1 << 26) * 2 { count *= 2 }
    entries = Array(repeating: Entry(pair: Self.free, merge: Self.none), count: count)
  }

  /// Where the search for a pair starts, and whether something lies there.
  struct Place {
    fileprivate var slot = 0
    fileprivate var isFree = true
  }

  /// Makes room for so many more merges, so that places stay what they are.
  mutating func reserve(_ count: Int) {
    while (filled + count) * 2 > entries.count { grow() }
  }

  @inline(__always)
  func place(_ pair: UInt64) -> Place {
    let slot = Int(truncatingIfNeeded: ByteHash.mix(pair ^ seed)) & (entries.count - 1)
    return Place(slot: slot, isFree: entries[slot].pair == Self.free)
  }

  /// Adds a merge; a pair that is there already takes the later rank, as the reference does.
  mutating func insert(_ pair: UInt64, at place: Place, rank: Int, merged: Int) {
    var slot = place.slot
    while entries[slot].pair != pair, entries[slot].pair != Self.free {
      slot = (slot + 1) & (entries.count - 1)
    }
    if entries[slot].pair == Self.free { filled += 1 }
    entries[slot] = Entry(
      pair: pair,
      merge: UInt64(UInt32(truncatingIfNeeded: rank)) << 32
        | UInt64(UInt32(truncatingIfNeeded: merged)))
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(pair: Self.free, merge: Self.none), count: old.count * 2)
    for entry in old where entry.pair != Self.free { entries[slot(of: entry.pair)] = entry }
  }

  /// Visits what each merge gives, in no order.
  func forEachMergedID(_ body: (Int) -> Void) {
    for entry in entries where entry.pair != Self.free { body(Int(entry.merge & 0xFFFF_FFFF)) }
  }

  /// Two ids as one key.
  static func pair(_ left: Int, _ right: Int) -> UInt64 {
    pair(UInt32(truncatingIfNeeded: left), UInt32(truncatingIfNeeded: right))
  }

  @inline(__always)
  private static func pair(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  @inline(__always)
  private func slot(of pair: UInt64) -> Int {
    entries.withUnsafeBufferPointer { entries in
      let mask = entries.count - 1
      var slot = Int(truncatingIfNeeded: ByteHash.mix(pair ^ seed)) & mask
      while entries[slot].pair != pair, entries[slot].pair != Self.free { slot = (slot + 1) & mask }
      return slot
    }
  }

  /// Rank and merged id of a pair as one number that orders by rank; `none` where it never merges.
  @inline(__always)
  func merge(_ left: UInt32, _ right: UInt32) -> UInt64 {
    entries.withUnsafeBufferPointer { $0[slot(of: Self.pair(left, right))].merge }
  }
}
