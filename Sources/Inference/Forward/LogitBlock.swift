/// Rows of logits that were computed together.
public struct LogitBlock {
  /// The row that logits follow from.
  struct Owner {
    let sequence: Int
    let position: Int
  }

  private let base: UnsafePointer<Float>
  private let stride: Int
  private let vocabulary: Int
  private let owners: ArraySlice<Owner>
  private let pool: WorkerPool

  init(
    base: UnsafePointer<Float>, stride: Int, vocabulary: Int, owners: ArraySlice<Owner>,
    pool: WorkerPool
  ) {
    self.base = base
    self.stride = stride
    self.vocabulary = vocabulary
    self.owners = owners
    self.pool = pool
  }

  /// Rows.
  public var count: Int { owners.count }

  /// One row, (vocabulary).
  public func logits(_ row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: base + row * stride, count: vocabulary)
  }

  func owner(_ row: Int) -> Owner { owners[owners.startIndex + row] }

  /// What `body` makes of each row, computed on all threads, in the order of the rows.
  func map<Value: Sendable>(
    _ body: @Sendable (_ logits: UnsafeBufferPointer<Float>, Owner) -> Value
  ) -> [Value] {
    var values = [Value?](repeating: nil, count: count)
    values.withUnsafeMutableBufferPointer { values in
      // Each row has an element of its own.
      nonisolated(unsafe) let values = values
      pool.run(count) { row, _ in values[row] = body(logits(row), owner(row)) }
    }
    return values.compactMap(\.self)
  }
}
