import ModelFiles

/// All pieces that the bytes at a place begin with, found in one walk.
///
/// The children of a node lie side by side, in the order of their bytes.
struct PieceTrie: Sendable {
  private var labels: [UInt8] = [0]
  private var firstChild: [UInt32] = [0]
  private var childCount: [UInt16] = [0]
  private var ids: [Int32] = [-1]
  /// The root's children by byte; 0 where there is none.
  private var roots = [UInt32](repeating: 0, count: 256)

  /// - Parameter pieces: with their ids; of equal pieces the last counts. Empty ones are left out.
  init(_ pieces: [(piece: ArraySlice<UInt8>, id: Int)]) {
    let sorted = pieces.enumerated().sorted { one, other in
      one.element.piece.lexicographicallyPrecedes(other.element.piece)
        || one.element.piece == other.element.piece && one.offset < other.offset
    }.map(\.element)
    // Breadth first: each node stands for the pieces in a range that agree up to its depth.
    var queue: [(node: Int, range: Range<Int>, depth: Int)] = [(0, sorted.indices, 0)]
    var next = 0
    while next < queue.count {
      let (node, range, depth) = queue[next]
      next += 1
      var start = range.lowerBound
      while start < range.upperBound, sorted[start].piece.count == depth {
        if depth > 0 { ids[node] = Int32(truncatingIfNeeded: sorted[start].id) }
        start += 1
      }
      firstChild[node] = UInt32(truncatingIfNeeded: labels.count)
      while start < range.upperBound {
        let byte = Self.byte(sorted[start].piece, depth)
        var end = start
        while end < range.upperBound, Self.byte(sorted[end].piece, depth) == byte { end += 1 }
        queue.append((labels.count, start..<end, depth + 1))
        if node == 0 { roots[Int(byte)] = UInt32(truncatingIfNeeded: labels.count) }
        labels.append(byte)
        firstChild.append(0)
        childCount.append(0)
        ids.append(-1)
        childCount[node] += 1
        start = end
      }
    }
  }

  private static func byte(_ piece: ArraySlice<UInt8>, _ depth: Int) -> UInt8 {
    piece[piece.startIndex + depth]
  }

  /// Calls `body` with the id and the end of every piece that starts at `start`, shortest first.
  @inline(__always)
  func forEachPiece(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ id: Int, _ end: Int) -> Void
  ) {
    var node = Int(roots[Int(text[start])])
    var position = start + 1
    while node > 0 {
      if ids[node] >= 0 { body(Int(ids[node]), position) }
      guard position < text.count else { return }
      node = child(of: node, text[position])
      position += 1
    }
  }

  @inline(__always)
  private func child(of node: Int, _ byte: UInt8) -> Int {
    var low = Int(firstChild[node])
    var high = low + Int(childCount[node])
    while low < high {
      let middle = (low + high) / 2
      if labels[middle] == byte { return middle }
      if labels[middle] < byte { low = middle + 1 } else { high = middle }
    }
    return 0
  }
}
