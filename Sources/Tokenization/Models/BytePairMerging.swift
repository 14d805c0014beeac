import ModelFiles

/// The merging of one word's symbols by byte-pair encoding.
///
/// Again and again the pair of neighbours with the lowest rank is merged, of equal ones the
/// leftmost. Short words look for it by going through all pairs; long ones keep a heap.
struct BytePairMerging {
  /// The word's pieces, in order; filled by the caller, merged in place.
  private(set) var symbols: [UInt32] = []
  private var merges: [UInt64] = []
  private var previous: [Int] = []
  private var next: [Int] = []
  private var heap: [Candidate] = []

  private static let shortWord = 48
  private static let merged = UInt32.max

  private struct Candidate {
    var merge: UInt64
    var position: Int

    @inline(__always)
    static func < (one: Candidate, other: Candidate) -> Bool {
      one.merge >> 32 == other.merge >> 32
        ? one.position < other.position : one.merge >> 32 < other.merge >> 32
    }
  }

  mutating func begin(capacity: Int) {
    symbols.removeAll(keepingCapacity: capacity < 1 << 16)
    symbols.reserveCapacity(capacity)
  }

  @inline(__always)
  mutating func append(_ symbol: UInt32) { symbols.append(symbol) }

  /// Merges until no pair of neighbours merges.
  ///
  /// - Complexity: O(n log n) for n symbols.
  mutating func mergeAll(_ table: borrowing MergeTable) {
    if symbols.count <= Self.shortWord { mergeShort(table) } else { mergeLong(table) }
  }

  private mutating func mergeShort(_ table: borrowing MergeTable) {
    var count = symbols.count
    guard count > 1 else { return }
    if merges.count < Self.shortWord {
      merges = [UInt64](repeating: MergeTable.none, count: Self.shortWord)
    }
    symbols.withUnsafeMutableBufferPointer { symbols in
      merges.withUnsafeMutableBufferPointer { merges in
        for index in 0..<count - 1 {
          merges[index] = table.merge(symbols[index], symbols[index + 1])
        }
        while count > 1 {
          var best = 0
          for index in 1..<max(count - 1, 1) where merges[index] < merges[best] { best = index }
          guard merges[best] != MergeTable.none else { break }
          symbols[best] = UInt32(truncatingIfNeeded: merges[best])
          for index in best + 1..<count - 1 {
            symbols[index] = symbols[index + 1]
            merges[index - 1] = merges[index]
          }
          count -= 1
          if best > 0 { merges[best - 1] = table.merge(symbols[best - 1], symbols[best]) }
          if best < count - 1 { merges[best] = table.merge(symbols[best], symbols[best + 1]) }
        }
      }
    }
    symbols.removeLast(symbols.count - count)
  }

  private mutating func mergeLong(_ table: borrowing MergeTable) {
    let count = symbols.count
    previous.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      previous.append(index - 1)
      next.append(index + 1)
    }
    for index in 0..<count - 1 { propose(index, index + 1, table) }
    while let best = popBest() {
      let left = best.position
      let right = next[left]
      // A proposal is stale once either side has been merged: the pair then gives another piece.
      guard symbols[left] != Self.merged, right < count,
        UInt32(truncatingIfNeeded: table.merge(symbols[left], symbols[right]))
          == UInt32(truncatingIfNeeded: best.merge),
        table.merge(symbols[left], symbols[right]) != MergeTable.none
      else { continue }
      symbols[left] = UInt32(truncatingIfNeeded: best.merge)
      symbols[right] = Self.merged
      next[left] = next[right]
      if next[left] < count {
        previous[next[left]] = left
        propose(left, next[left], table)
      }
      if previous[left] >= 0 { propose(previous[left], left, table) }
    }
    symbols.removeAll { $0 == Self.merged }
    if count > 1 << 16 {
      (previous, next, heap) = ([], [], [])
    }
  }

  @inline(__always)
  private mutating func propose(_ left: Int, _ right: Int, _ table: borrowing MergeTable) {
    let merge = table.merge(symbols[left], symbols[right])
    guard merge != MergeTable.none else { return }
    push(Candidate(merge: merge, position: left))
  }

  // MARK: Binary heap, lowest first

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard candidate < heap[parent] else { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = candidate
  }

  private mutating func popBest() -> Candidate? {
    guard let best = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return best }
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < last else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = last
    return best
  }
}
