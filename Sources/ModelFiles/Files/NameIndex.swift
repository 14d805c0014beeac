/// A list whose elements have names, wherever it keeps them.
protocol NamedList: Sendable {
  var count: Int { get }
  /// Calls `body` with the bytes of one element's name.
  func withName<Result>(at position: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

/// Finds an element of a list by the bytes of its name, in constant time.
///
/// It holds positions only, at most 32 bytes a name: names stay where they are, so that a header of
/// millions of short names does not take many times its length in memory.
struct NameIndex<List: NamedList>: Sendable {
  let list: List
  /// Positions in the list; -1 where free. A power of two in number, at most half of them taken.
  private var slots: [Int]

  /// Two positions of one name.
  struct Duplicate: Error {
    let first: Int
    let second: Int
  }

  init(_ list: List) throws(Duplicate) {
    self.list = list
    var capacity = 2
    while capacity / 2 < list.count { capacity *= 2 }
    slots = [Int](repeating: -1, count: capacity)
    for position in 0..<list.count {
      let slot = list.withName(at: position) { self.slot(of: $0) }
      guard slots[slot] < 0 else { throw Duplicate(first: slots[slot], second: position) }
      slots[slot] = position
    }
  }

  /// The position of the element of that name; `nil` where there is none.
  func position(of name: String) -> Int? {
    var name = name
    let slot = name.withUTF8 { self.slot(of: UnsafeRawBufferPointer($0)) }
    return slots[slot] < 0 ? nil : slots[slot]
  }

  /// The slot that holds `name`, or the free one where it would go.
  private func slot(of name: UnsafeRawBufferPointer) -> Int {
    // Seeded anew for each process: no file can be made to collide.
    var hasher = Hasher()
    hasher.combine(bytes: name)
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0, !list.withName(at: slots[slot], { $0.elementsEqual(name) }) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
