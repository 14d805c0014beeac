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

/// A seeded generator (SplitMix64), so that random cases are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// Scores that sum to about 1, over several decades, with ties where `distinct` is small.
  mutating func attention(count: Int, distinct: Int) -> [Float] {
    let levels = (0..<distinct).map { _ in Double.random(in: 0...1, using: &self) }
    let raw = (0..<count).map { _ -> Double in
      let level = levels[Int.random(in: 0..<distinct, using: &self)]
      return level * level * level * level
    }
    let sum = raw.reduce(0, +)
    return raw.map { Float(sum > 0 ? $0 / sum : 0) }
  }

  /// Key norms, with ties where `distinct` is small.
  mutating func keyNorms(count: Int, distinct: Int) -> [Double] {
    let levels = (0..<distinct).map { _ in Double.random(in: 3...30, using: &self) }
    return (0..<count).map { _ in levels[Int.random(in: 0..<distinct, using: &self)] }
  }
}

/// Everything a row gives, by the code under test.
struct MeasuredRow {
  var measures: RowMeasures
  var attentionLoss: [Double]
  var referenceLoss: [Double]

  init?(attention: [Float], order: [Int32], by measurer: RowMeasurer? = nil) {
    let measurer = measurer ?? RowMeasurer(capacity: attention.count)
    var loss = [Double](repeating: 0, count: curvePointCount)
    var reference = loss
    let measures = attention.withUnsafeBufferPointer { attention in
      measurer.sort(attention)
        ? measurer.measure(
          attention, dropOrder: order, attentionLoss: &loss, referenceLoss: &reference) : nil
    }
    guard let measures else { return nil }
    self.measures = measures
    attentionLoss = loss
    referenceLoss = reference
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
