import Results

@testable import AttentionAnalysis

/// Eqs. 1-3 as the paper writes them: cumulative sums over dropped sets, without ranks.
enum Oracle {
  /// Positions by descending norm; of equal norms the later first.
  static func dropOrder(_ norms: [Double]) -> [Int] {
    norms.indices.sorted { (norms[$0], $0) > (norms[$1], $1) }
  }

  /// `L^m` for m = 0…n: the summed scores of the first m dropped positions (Eq. 1).
  static func losses(_ attention: [Float], order: [Int]) -> [Double] {
    (0...order.count).map { m in order[..<m].reduce(0.0) { $0 + Double(attention[$1]) } }
  }

  /// `L^{m,ref}` for m = 0…n: the lowest scores go first.
  static func referenceLosses(_ attention: [Float]) -> [Double] {
    losses(attention, order: attention.indices.sorted { attention[$0] < attention[$1] })
  }

  /// `Y = Σ_{m=1}^n (L^m - L^{m,ref})` (Eqs. 2 and 3).
  static func alr(_ attention: [Float], order: [Int]) -> Double {
    let losses = losses(attention, order: order)
    let reference = referenceLosses(attention)
    return losses.indices.dropFirst().reduce(0) { $0 + (losses[$1] - reference[$1]) }
  }

  /// `(n+1)/2 · Σ a - Σ_m L^{m,ref}`.
  static func randomALR(_ attention: [Float]) -> Double {
    let mass = attention.reduce(0.0) { $0 + Double($1) }
    return Double(attention.count + 1) / 2 * mass
      - referenceLosses(attention).dropFirst().reduce(0, +)
  }

  /// Pearson's coefficient of average ranks, found by counting.
  static func spearman(_ x: [Double], _ y: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Double] {
      values.map { v in
        Double(values.count { $0 < v }) + Double(values.count { $0 == v } + 1) / 2
      }
    }
    let (a, b) = (ranks(x), ranks(y))
    let mean = Double(x.count + 1) / 2
    let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    let squares = a.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let others = b.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return covariance / (squares * others).squareRoot()
  }
}

/// Everything a row gives, by the code under test.
struct MeasuredRow {
  var measures: RowMeasures
  var attentionLoss: [Double]
  var referenceLoss: [Double]

  /// - Parameter withPositions: sort scores and positions together, which no kernel does.
  init?(
    attention: [Float], order: [Int32], by measurer: RowMeasurer? = nil, withPositions: Bool = false
  ) {
    let measurer = measurer ?? RowMeasurer(capacity: attention.count)
    var loss = [Double](repeating: 0, count: curvePointCount)
    var reference = loss
    let measures = attention.withUnsafeBufferPointer { attention in
      measurer.sort(attention, forSpearman: withPositions)
        ? measurer.measure(
          attention, dropOrder: order, attentionLoss: &loss, referenceLoss: &reference) : nil
    }
    guard let measures else { return nil }
    self.measures = measures
    attentionLoss = loss
    referenceLoss = reference
  }

  /// Every value's bits.
  var bits: [UInt64] {
    ([measures.alr, measures.randomALR] + attentionLoss + referenceLoss).map(\.bitPattern)
  }
}

extension DropOrder {
  /// The order of the paper: the longest key first.
  init(norms: [Double]) { self.init(scores: norms.map { -$0 }) }

  var asInts: [Int] { positions.map(Int.init) }
}

/// Whether a value is defined and near another.
func isClose(_ value: Double?, _ expected: Double, within tolerance: Double) -> Bool {
  value.map { abs($0 - expected) < tolerance } ?? false
}
