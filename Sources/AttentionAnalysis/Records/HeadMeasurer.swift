import Inference
import Results

/// Turns what a forward pass records about one KV head of one chunk into a record for each score.
///
/// ```swift
/// measurer.begin(view)
/// for t in rows { measurer.add(row: t) { head in scores(head, t) } }
/// let records = try measurer.finish()
/// ```
///
/// Rows come in ascending order. An instance belongs to one thread at a time; its records do not
/// depend on what it measured before.
public final class HeadMeasurer {
  private let shape: RowShape
  private let rowMeasurer: RowMeasurer
  /// The query heads' scores of the current row, summed, and then their mean.
  private let headSums: UnsafeMutablePointer<Double>
  private let meanRow: UnsafeMutablePointer<Float>
  private let orders: [OrderSums]
  /// Of the first score's order; `nil` where nobody asked for them.
  private let errors: OutputErrors?

  private var view = KVHeadView.none
  private var keyNormUnits: [Int64] = []
  /// Scores of row `n`, one array for each query head, in units.
  private var attention: [[Int64]]
  private var fault: MeasurementError?

  /// - Parameters:
  ///   - query: which rows count.
  ///   - chunkLength: `n`, the positions cached before the last row's query.
  ///   - groupSize: query heads a KV head.
  ///   - scores: what orders the dropping, one record each.
  ///   - grams: of the model, where output errors are measured too.
  ///   - kernels: sort the rows and narrow their orders.
  /// - Throws: `MeasurementError.noRows` where `query` has none in a chunk this short.
  public init(
    query: QuerySelection, chunkLength: Int, groupSize: Int,
    scores: [any EvictionScore] = [KeyNorm()], grams: OutputGrams? = nil,
    kernels: Kernels = Kernels()
  ) throws(MeasurementError) {
    precondition(chunkLength >= 1 && groupSize >= 1, "at least one position and one head")
    let shape = RowShape(rows: query.rows(n: chunkLength), n: chunkLength, groupSize: groupSize)
    if shape.rows.isEmpty { throw .noRows(query: query, positions: chunkLength) }
    self.shape = shape
    rowMeasurer = RowMeasurer(capacity: chunkLength, kernels: kernels)
    headSums = .allocate(capacity: chunkLength)
    meanRow = .allocate(capacity: chunkLength)
    attention = Array(repeating: [], count: groupSize)
    orders = scores.map { OrderSums($0, shape, kernels: kernels) }
    errors = grams.map { OutputErrors($0, groupSize: groupSize, kernels: kernels) }
  }

  /// A measurer for the KV heads of a run.
  convenience init(
    query: QuerySelection, shape: RunShape, scores: [any EvictionScore],
    grams: OutputGrams? = nil, kernels: Kernels
  ) throws(MeasurementError) {
    try self.init(
      query: query, chunkLength: shape.chunkLength, groupSize: shape.groupSize, scores: scores,
      grams: grams, kernels: kernels)
  }

  /// Bytes of an instance that grow with positions: its own, those of each score's order and ranks, and the scores
  /// that records keep.
  static func byteCount(_ shape: RunShape, scores: Int) -> Int {
    let perPosition =
      MemoryLayout<Double>.stride + MemoryLayout<Float>.stride
      + (shape.groupSize + 1) * MemoryLayout<Int64>.stride + scores * OrderSums.bytesPerPosition
    return shape.chunkLength * perPosition + RowMeasurer.byteCount(capacity: shape.chunkLength)
  }

  deinit {
    headSums.deallocate()
    meanRow.deallocate()
  }

  /// Starts the records of one KV head of one chunk.
  ///
  /// - Parameter view: of all `n` cached positions, in order; those of the query behind them may
  ///   follow, and are not looked at. It is valid until `finish`.
  public func begin(_ whole: KVHeadView) {
    let n = shape.n
    precondition(whole.count >= n, "every cached position")
    // The last position is the query's own: it is not cached yet.
    view = whole.slots(0..<n)
    fault = nil
    // Rounded to units, a norm at the limit would not fit; NaN fails the comparison too.
    let inRange = view.keyNorms.allSatisfy {
      $0 >= 0 && $0 * FixedPoint.normScale < FixedPoint.limit
    }
    if !inRange {
      fault = .keyNormOutOfRange(chunk: view.sequence, layer: view.layer, kvHead: view.kvHead)
    }
    let candidates = candidates(ofRow: n)
    keyNormUnits =
      inRange
      ? view.keyNorms.suffix(candidates).map { FixedPoint.units($0, scale: FixedPoint.normScale) }
      : []
    for head in attention.indices { attention[head] = [] }
    for order in orders { order.begin(view, last: n - candidates..<n) }
    errors?.begin(whole)
  }

  /// Adds one row: the attention of the query behind `row` cached positions.
  ///
  /// - Parameters:
  ///   - row: `t`, the positions cached before the row's query.
  ///   - scores: of a query head of the group, the scores of the row's candidates, the last
  ///     min(t, W - 1) positions before the query, the query's own left out.
  public func add(row: Int, _ scores: (_ head: Int) -> UnsafeBufferPointer<Float>) {
    precondition((1...shape.n).contains(row), "row within the chunk")
    guard fault == nil else { return }
    let candidates = candidates(ofRow: row)
    for order in orders { order.start(row: row, candidates: row - candidates..<row, of: view) }
    for head in 0..<shape.groupSize {
      let attention = scores(head)
      precondition(attention.count == candidates, "one score a candidate")
      for p in 0..<candidates {
        headSums[p] = head == 0 ? Double(attention[p]) : headSums[p] + Double(attention[p])
      }
      guard measure(attention, head: head, row: row) else {
        fault = .nonFiniteAttention(
          chunk: view.sequence, layer: view.layer, head: view.kvHead * shape.groupSize + head,
          row: row)
        return
      }
      if row == shape.n {
        self.attention[head] = attention.map {
          FixedPoint.units(Double($0), scale: FixedPoint.lossScale)
        }
      }
    }
    if shape.groupSize == 1 { return }
    let scale = Double(shape.groupSize)
    for p in 0..<candidates { meanRow[p] = Float(headSums[p] / scale) }
    _ = measure(
      UnsafeBufferPointer(start: meanRow, count: candidates), head: shape.groupSize, row: row)
  }

  /// Adds the output errors of the row that was added last, where they are measured.
  ///
  /// - Parameter scores: of a query head of the group, the scores of the row's candidates and, last,
  ///   the query's own.
  public func addErrors(row: Int, _ scores: (_ head: Int) -> UnsafeBufferPointer<Float>) {
    // Row `n` may be there for its own sake.
    guard let errors, fault == nil, row < shape.n || shape.averagesLastRow else { return }
    let candidates = candidates(ofRow: row)
    errors.add(
      row: row, candidates: row - candidates..<row, order: UnsafePointer(orders[0].rowOrder),
      scores)
  }

  /// The output errors of the KV head that ended last; `nil` where they are not measured.
  var errorRows: [OutputErrors.Row]? { errors?.rows }

  /// Ends the records, one for each score.
  ///
  /// - Throws: `MeasurementError` where a norm or a score was not finite.
  public func finish() throws(MeasurementError) -> [KVHeadRecord] {
    let view = view
    self.view = .none
    if let fault { throw fault }
    return orders.map { order in
      var heads = order.records()
      for head in attention.indices { heads[head].attention = attention[head] }
      // A group of one is its head.
      var group = shape.groupSize > 1 ? heads.removeLast() : heads[0]
      group.attention = []
      return KVHeadRecord(
        chunk: view.sequence, layer: view.layer, kvHead: view.kvHead, heads: heads, group: group,
        keyNorms: keyNormUnits)
    }
  }

  private func candidates(ofRow row: Int) -> Int {
    RunShape.candidates(positions: row, window: view.window)
  }

  /// Measures one row of `head`, where `groupSize` stands for the group itself, against every
  /// order; whether its scores are finite.
  private func measure(_ attention: UnsafeBufferPointer<Float>, head: Int, row: Int) -> Bool {
    guard rowMeasurer.sort(attention, forSpearman: row == shape.n) else { return false }
    for order in orders { order.add(attention, head: head, row: row, by: rowMeasurer) }
    return true
  }
}

extension KVHeadView {
  /// No KV head at all.
  fileprivate static var none: KVHeadView {
    KVHeadView(
      sequence: 0, layer: 0, kvHead: 0, window: nil,
      positions: UnsafeBufferPointer(start: nil, count: 0),
      keyNorms: UnsafeBufferPointer(start: nil, count: 0))
  }
}
