/// Turns what a forward pass records about one KV head of one chunk into a record.
///
/// ```swift
/// measurer.begin(chunk: 0, layer: 3, kvHead: 1, keyNorms: norms, window: nil)
/// for t in rows { for h in 0..<groupSize { measurer.add(head: h, row: t, attention: a) } }
/// let record = try measurer.finish()
/// ```
///
/// Rows come in ascending order for each head, and the heads of one row in ascending order; head
/// by head or row by row is the caller's choice, at the cost of one buffer for each row whose
/// heads are not complete. An instance belongs to one thread at a time; its records do not
/// depend on what it measured before.
public final class HeadMeasurer {
  /// Rows averaged, and whether row `n` is among them.
  private let rows: [Int]
  private let averagesLastRow: Bool
  private let chunkLength: Int
  private let groupSize: Int
  private let rowMeasurer: RowMeasurer
  /// Drop order of the candidates of row `n`.
  private let lastOrder: UnsafeMutablePointer<Int32>
  /// The group's mean of the current row.
  private let meanRow: UnsafeMutablePointer<Float>
  /// One a query head, then the group.
  private var sums: [RowSums]
  private var pending: [Int: GroupRow] = [:]
  private var spareRows: [GroupRow] = []
  private let spareCurves: UnsafeMutablePointer<Double>

  private var chunk = 0
  private var layer = 0
  private var kvHead = 0
  private var window: Int?
  private var order = DropOrder(keyNorms: [])
  private var lastRanks: CentredRanks
  private var keyNormUnits: [Int64] = []
  private var fault: MeasurementError?

  /// - Parameters:
  ///   - query: which rows count.
  ///   - chunkLength: `n`, the positions cached before the last row's query.
  ///   - groupSize: query heads a KV head.
  /// - Throws: `MeasurementError.noRows` where `query` has none in a chunk this short.
  public init(
    query: QuerySelection, chunkLength: Int, groupSize: Int
  ) throws(MeasurementError) {
    precondition(chunkLength >= 1 && groupSize >= 1, "at least one position and one head")
    rows = query.rows(n: chunkLength)
    if rows.isEmpty { throw .noRows(query: query, positions: chunkLength) }
    averagesLastRow = rows.last == chunkLength
    self.chunkLength = chunkLength
    self.groupSize = groupSize
    rowMeasurer = RowMeasurer(capacity: chunkLength)
    lastOrder = .allocate(capacity: chunkLength)
    meanRow = .allocate(capacity: chunkLength)
    spareCurves = .allocate(capacity: 2 * curvePointCount)
    spareCurves.initialize(repeating: 0, count: 2 * curvePointCount)
    sums = (0...groupSize).map { _ in RowSums() }
    lastRanks = CentredRanks(
      keyNorms: UnsafeBufferPointer(start: nil, count: 0),
      dropOrder: UnsafeBufferPointer(start: nil, count: 0))
  }

  /// A measurer for the KV heads of a run.
  convenience init(query: QuerySelection, shape: RunShape) throws(MeasurementError) {
    try self.init(query: query, chunkLength: shape.chunkLength, groupSize: shape.groupSize)
  }

  /// Bytes that an instance takes while rows come head by head: its own, those of the rows, the
  /// order and ranks of the norms, and the scores that records keep.
  static func byteCount(_ shape: RunShape) -> Int {
    let perPosition =
      2 * MemoryLayout<Int32>.stride + 2 * MemoryLayout<Int32>.stride
      + (shape.groupSize + 1) * MemoryLayout<Int64>.stride
    return shape.chunkLength * (perPosition + GroupRow.bytesPerPosition)
      + RowMeasurer.byteCount(capacity: shape.chunkLength)
  }

  deinit {
    lastOrder.deallocate()
    meanRow.deallocate()
    spareCurves.deallocate()
  }

  /// Starts the record of one KV head of one chunk.
  ///
  /// - Parameters:
  ///   - chunk: the chunk's index in the whole run.
  ///   - keyNorms: the norms of all `n` cached keys, taken before the rotation.
  ///   - window: the layer's sliding window, the query included.
  public func begin(
    chunk: Int, layer: Int, kvHead: Int, keyNorms: UnsafeBufferPointer<Double>, window: Int?
  ) {
    precondition(keyNorms.count == chunkLength, "one norm a cached position")
    self.chunk = chunk
    self.layer = layer
    self.kvHead = kvHead
    self.window = window
    fault = nil
    spareRows.append(contentsOf: pending.values)
    pending.removeAll(keepingCapacity: true)
    for head in sums.indices { sums[head].reset() }

    // Rounded to units, a norm at the limit would not fit; NaN fails the comparison too.
    let inRange = keyNorms.allSatisfy { $0 >= 0 && $0 * FixedPoint.normScale < FixedPoint.limit }
    if !inRange { fault = .keyNormOutOfRange(chunk: chunk, layer: layer, kvHead: kvHead) }
    order = DropOrder(keyNorms: keyNorms)
    let candidates = RunShape.candidates(positions: chunkLength, window: window)
    let range = (chunkLength - candidates)..<chunkLength
    order.restrict(to: range, into: lastOrder)
    let norms = UnsafeBufferPointer(rebasing: keyNorms[range])
    lastRanks = CentredRanks(
      keyNorms: norms, dropOrder: UnsafeBufferPointer(start: lastOrder, count: candidates))
    keyNormUnits =
      inRange ? norms.map { FixedPoint.units($0, scale: FixedPoint.normScale) } : []
  }

  /// Adds one attention row.
  ///
  /// - Parameters:
  ///   - head: index within the group, 0..<groupSize.
  ///   - row: `t`, the positions cached before the row's query.
  ///   - attention: scores of the row's candidates, the last min(t, W - 1) positions before the
  ///     query, the query's own left out.
  public func add(head: Int, row: Int, attention: UnsafeBufferPointer<Float>) {
    precondition((0..<groupSize).contains(head), "head within the group")
    precondition((1...chunkLength).contains(row), "row within the chunk")
    let candidates = RunShape.candidates(positions: row, window: window)
    precondition(attention.count == candidates, "one score a candidate")
    guard fault == nil else { return }
    let group = groupRow(head: head, row: row, candidates: candidates)
    group.add(attention)
    measure(head: head, row: row, attention: attention, dropOrder: group.dropOrder)
    guard group.heads == groupSize else { return }
    pending[row] = nil
    if groupSize > 1 {
      group.writeMean(to: meanRow, count: candidates)
      measure(
        head: groupSize, row: row,
        attention: UnsafeBufferPointer(start: meanRow, count: candidates),
        dropOrder: group.dropOrder)
    }
    spareRows.append(group)
  }

  /// Ends the record.
  ///
  /// - Throws: `MeasurementError` where a norm or a score was not finite.
  public func finish() throws(MeasurementError) -> KVHeadRecord {
    if let fault { throw fault }
    precondition(pending.isEmpty, "every row has all heads of the group")
    let candidates = RunShape.candidates(positions: chunkLength, window: window)
    var records: [HeadRecord] = []
    for head in 0...groupSize where head < groupSize || groupSize > 1 {
      precondition(
        sums[head].rows == rows.count && sums[head].attention.count == candidates,
        "every row was added")
      records.append(sums[head].record())
    }
    // A group of one is its head.
    var group = groupSize > 1 ? records.removeLast() : records[0]
    group.attention = []
    return KVHeadRecord(
      chunk: chunk, layer: layer, kvHead: kvHead, heads: records, group: group,
      keyNorms: keyNormUnits)
  }

  /// Measures one row of `head`, where `groupSize` stands for the group itself.
  private func measure(
    head: Int, row: Int, attention: UnsafeBufferPointer<Float>, dropOrder: UnsafePointer<Int32>
  ) {
    let isLast = row == chunkLength
    let isAveraged = isLast ? averagesLastRow : true
    var curves = spareCurves
    if isAveraged { curves = sums[head].curves }
    let measures: RowMeasures?
    if isLast {
      let result = rowMeasurer.measureWithSpearman(
        attention: attention, dropOrder: dropOrder, normRanks: lastRanks,
        attentionLoss: curves, referenceLoss: curves + curvePointCount)
      measures = result?.measures
      if let result {
        sums[head].spearman = result.spearman
        sums[head].attention = attention.map {
          FixedPoint.units(Double($0), scale: FixedPoint.lossScale)
        }
      }
    } else {
      measures = rowMeasurer.measure(
        attention: attention, dropOrder: dropOrder,
        attentionLoss: curves, referenceLoss: curves + curvePointCount)
    }
    guard let measures else {
      let first = kvHead * groupSize
      fault = .nonFiniteAttention(
        chunk: chunk, layer: layer, head: first + min(head, groupSize - 1), row: row)
      return
    }
    if isAveraged { sums[head].add(measures, candidates: attention.count) }
  }

  /// What the heads of `row` share, made when the first of them comes.
  private func groupRow(head: Int, row: Int, candidates: Int) -> GroupRow {
    if head == 0 {
      let group = spareRows.popLast() ?? GroupRow(capacity: chunkLength)
      group.start(order: order, range: (row - candidates)..<row)
      pending[row] = group
      return group
    }
    guard let started = pending[row], started.heads == head else {
      preconditionFailure("heads in ascending order")
    }
    return started
  }
}

/// Sums over the rows of one head of one chunk.
private final class RowSums {
  var rows = 0
  var alr = 0.0
  var alrNormalized = 0.0
  var randomALR = 0.0
  var spearman = Double.nan
  var attention: [Int64] = []
  /// Attention loss at 101 points, then reference loss.
  let curves: UnsafeMutablePointer<Double>

  init() {
    curves = .allocate(capacity: 2 * curvePointCount)
    curves.initialize(repeating: 0, count: 2 * curvePointCount)
  }

  deinit { curves.deallocate() }

  func reset() {
    rows = 0
    alr = 0
    alrNormalized = 0
    randomALR = 0
    spearman = .nan
    attention = []
    curves.update(repeating: 0, count: 2 * curvePointCount)
  }

  func add(_ measures: RowMeasures, candidates: Int) {
    rows += 1
    alr += measures.alr
    alrNormalized += measures.alr / Double(candidates)
    randomALR += measures.randomALR
  }

  func record() -> HeadRecord {
    let count = Double(rows)
    func units(_ from: Int) -> [Int64] {
      (from..<from + curvePointCount).map {
        FixedPoint.units(curves[$0] / count, scale: FixedPoint.lossScale)
      }
    }
    return HeadRecord(
      alr: alr / count, alrNormalized: alrNormalized / count, randomALR: randomALR / count,
      spearman: spearman, attentionLoss: units(0), referenceLoss: units(curvePointCount),
      attention: attention)
  }
}

/// What the heads of one row share: the drop order of its candidates, and the sum of their scores.
private final class GroupRow {
  private(set) var heads = 0
  private let order: UnsafeMutablePointer<Int32>
  private let sums: UnsafeMutablePointer<Double>

  static let bytesPerPosition = MemoryLayout<Int32>.stride + MemoryLayout<Double>.stride

  init(capacity: Int) {
    order = .allocate(capacity: capacity)
    sums = .allocate(capacity: capacity)
  }

  deinit {
    order.deallocate()
    sums.deallocate()
  }

  /// Candidates from the first dropped to the last, counted from the first of them.
  var dropOrder: UnsafePointer<Int32> { UnsafePointer(order) }

  func start(order full: DropOrder, range: Range<Int>) {
    full.restrict(to: range, into: order)
    heads = 0
  }

  func add(_ attention: UnsafeBufferPointer<Float>) {
    if heads == 0 {
      for p in 0..<attention.count { sums[p] = Double(attention[p]) }
    } else {
      for p in 0..<attention.count { sums[p] += Double(attention[p]) }
    }
    heads += 1
  }

  func writeMean(to output: UnsafeMutablePointer<Float>, count: Int) {
    let scale = Double(heads)
    for p in 0..<count { output[p] = Float(sums[p] / scale) }
  }
}
