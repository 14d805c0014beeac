/// Attention rows of some queries, of all query heads of a KV head; valid during the call that
/// hands it over.
public struct AttentionTile {
  /// Positions of the queries in their sequence, ascending.
  public let positions: [Int]
  /// Slots of the KV head's view that each query sees, its own the last.
  public let slots: [Range<Int>]
  /// (query, head, stride)
  private let base: UnsafePointer<Float>
  private let stride: Int
  private let heads: Int

  init(
    positions: [Int], slots: [Range<Int>], heads: Int, base: UnsafePointer<Float>, stride: Int
  ) {
    self.positions = positions
    self.slots = slots
    self.heads = heads
    self.base = base
    self.stride = stride
  }

  /// Post-softmax scores of one row, one for each slot that the query sees.
  ///
  /// - Parameters:
  ///   - query: index among `positions`.
  ///   - head: index among the query heads of the KV head.
  public func scores(query: Int, head: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: base + (query * heads + head) * stride, count: slots[query].count)
  }

  /// Those of `scores` that a cache of the earlier positions is measured by: all but the query's
  /// own.
  public func cachedScores(query: Int, head: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: scores(query: query, head: head).dropLast())
  }
}
