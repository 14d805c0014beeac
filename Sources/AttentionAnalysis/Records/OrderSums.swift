import Inference
import Results

/// The rows that are measured of a KV head.
struct RowShape {
  /// Rows averaged, ascending; row `n` may be measured without being among them.
  let rows: [Int]
  /// Positions cached before the last row's query.
  let n: Int
  /// Query heads of the KV head.
  let groupSize: Int

  var averagesLastRow: Bool { rows.last == n }
}

/// What one score's drop order makes of the rows of a KV head.
final class OrderSums {
  private let score: any EvictionScore
  private let shape: RowShape
  private let kernels: Kernels
  /// One for each query head, then the group.
  private let sums: [RowSums]
  /// Scores of the slots that are ordered.
  private let scores: UnsafeMutablePointer<Double>
  /// Of all slots, for a score that is independent.
  private var order = DropOrder(scores: [])
  /// Of the current row's candidates, counted from the first of them.
  let rowOrder: UnsafeMutablePointer<Int32>
  /// The row that `rowOrder` is of, where the score is not independent.
  private var orderedRow: Int?
  /// Of the candidates of row `n`.
  private var lastRanks = CentredRanks.none
  /// Where the curves of a row go that is not averaged.
  private let spareCurves: UnsafeMutablePointer<Double>

  /// Bytes of scores, order, the row's order and ranks.
  static let bytesPerPosition = MemoryLayout<Double>.stride + 3 * MemoryLayout<Int32>.stride

  init(_ score: any EvictionScore, _ shape: RowShape, kernels: Kernels) {
    self.score = score
    self.shape = shape
    self.kernels = kernels
    sums = (0...shape.groupSize).map { _ in RowSums() }
    scores = .allocate(capacity: shape.n)
    scores.initialize(repeating: 0, count: shape.n)
    rowOrder = .allocate(capacity: shape.n)
    spareCurves = .allocate(capacity: 2 * curvePointCount)
    spareCurves.initialize(repeating: 0, count: 2 * curvePointCount)
  }

  deinit {
    scores.deallocate()
    rowOrder.deallocate()
    spareCurves.deallocate()
  }

  /// Starts a KV head, of which row `n` has the candidates `last`.
  func begin(_ view: KVHeadView, last: Range<Int>) {
    for sum in sums { sum.reset() }
    orderedRow = nil
    if score.isIndependent { order = DropOrder(scores: scored(view)) }
    start(row: shape.n, candidates: last, of: view)
    lastRanks = CentredRanks(
      scores: UnsafeBufferPointer(
        start: score.isIndependent ? scores + last.lowerBound : scores, count: last.count),
      dropOrder: UnsafeBufferPointer(start: rowOrder, count: last.count))
  }

  /// Orders the candidates of a row, which are slots of the view.
  func start(row: Int, candidates: Range<Int>, of view: KVHeadView) {
    if score.isIndependent {
      order.restrict(to: candidates, into: rowOrder, by: kernels)
    } else if row != orderedRow {
      orderedRow = row
      let own = DropOrder(scores: scored(view.slots(candidates)))
      for (place, slot) in own.positions.enumerated() { rowOrder[place] = slot }
    }
  }

  /// Scores of the view's slots, at the front of `scores`.
  private func scored(_ view: KVHeadView) -> UnsafeBufferPointer<Double> {
    score.score(view, into: UnsafeMutableBufferPointer(start: scores, count: view.count))
    return UnsafeBufferPointer(start: scores, count: view.count)
  }

  /// Adds a row that `measurer` has sorted.
  func add(
    _ attention: UnsafeBufferPointer<Float>, head: Int, row: Int, by measurer: RowMeasurer
  ) {
    let isLast = row == shape.n
    let isAveraged = isLast ? shape.averagesLastRow : true
    let curves = isAveraged ? sums[head].curves : spareCurves
    let measures = measurer.measure(
      attention, dropOrder: rowOrder, attentionLoss: curves,
      referenceLoss: curves + curvePointCount)
    if isLast { sums[head].spearman = measurer.spearman(lastRanks) }
    if isAveraged { sums[head].add(measures, candidates: attention.count) }
  }

  /// One for each query head, then the group where it has several; without the scores of row `n`.
  func records() -> [HeadRecord] {
    sums.prefix(shape.groupSize > 1 ? shape.groupSize + 1 : 1).map { sum in
      precondition(sum.rows == shape.rows.count, "every row was added")
      return sum.record()
    }
  }
}

/// Sums over the rows of one head of one chunk.
private final class RowSums {
  var rows = 0
  var alr = 0.0
  var alrNormalized = 0.0
  var randomALR = 0.0
  var spearman = Double.nan
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
      attention: [])
  }
}
