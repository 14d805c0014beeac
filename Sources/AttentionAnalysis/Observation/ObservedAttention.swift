import Foundation
import Inference

/// Attention of observed queries to the slots of a view, computed from queries and keys as the
/// layer computes it: rotated, scaled, softly capped where it caps, each query within its window.
struct ObservedAttention {
  /// The queries of one head that are looked at.
  private let queries: [HeadRows]
  private let positions: [Int]
  private let view: KVHeadView
  /// (size, slots)
  private let keys: [Float]
  private let size: Int

  /// - Parameter limit: the most recent queries, so many at most.
  init(_ view: KVHeadView, last limit: Int = .max) {
    self.view = view
    let all = view.queries.first?.count ?? 0
    let part = max(0, all - limit)..<all
    positions = view.queries.first.map { first in part.map { first.position(of: $0) } } ?? []
    queries = view.queries.map {
      HeadRows($0.vectors(part), count: part.count, isRotated: true)
    }
    let rows = HeadRows(view.keys, count: view.count, isRotated: true)
    size = rows.size
    keys = rows.transposed()
  }

  /// The attention that each slot gets of all the queries together, averaged over the query heads.
  func sums() -> [Double] {
    var sums = [Double](repeating: 0, count: view.count)
    guard size > 0 else { return sums }
    let share = 1 / Double(max(1, queries.count))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: view.count) { row in
      for head in queries {
        for (query, position) in positions.enumerated() {
          let slots = visible(from: position)
          if slots.isEmpty { continue }
          let total = fill(row, head, query, slots)
          let scale = share / total
          for slot in slots { sums[slot] += Double(row[slot]) * scale }
        }
      }
    }
    return sums
  }

  /// Slots that a query sees, its own the last.
  private func visible(from position: Int) -> Range<Int> {
    let first = view.window.map { position + 1 - $0 } ?? 0
    return firstSlot(from: first)..<max(firstSlot(from: first), firstSlot(from: position + 1))
  }

  private func firstSlot(from position: Int) -> Int {
    var (low, high) = (0, view.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(view.positions[middle]) < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Writes what the softmax is to divide by the sum that is returned.
  private func fill(
    _ row: UnsafeMutableBufferPointer<Float>, _ head: HeadRows, _ query: Int, _ slots: Range<Int>
  ) -> Double {
    let scale = view.scaling.scale
    let cap = view.scaling.softCap
    return keys.withUnsafeBufferPointer { keys in
      for slot in slots { row[slot] = 0 }
      for column in 0..<size {
        let weight = head.values[query * size + column] * scale
        let first = column * view.count
        for slot in slots { row[slot] += weight * keys[first + slot] }
      }
      if cap > 0 { for slot in slots { row[slot] = cap * tanh(row[slot] / cap) } }
      var highest = -Float.infinity
      for slot in slots { highest = max(highest, row[slot]) }
      var sum = 0.0
      for slot in slots {
        row[slot] = exp(row[slot] - highest)
        sum += Double(row[slot])
      }
      return sum
    }
  }
}
