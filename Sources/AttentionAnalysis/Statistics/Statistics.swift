/// Statistics over chunks, summed in order in float64; `nil` where undefined.
package enum Statistics {
  /// The mean; `nil` of nothing or where it is not finite.
  package static func mean(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    return defined(values.reduce(0, +) / Double(values.count))
  }

  /// The sample standard deviation (denominator count - 1); `nil` below two values.
  package static func standardDeviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return defined((squares / Double(values.count - 1)).squareRoot())
  }

  /// The standard error of the mean; `nil` below two values.
  package static func standardError(_ values: [Double]) -> Double? {
    standardDeviation(values).map { $0 / Double(values.count).squareRoot() }
  }

  /// `Σ numerators / Σ denominators`; `nil` where the denominators sum to 0.
  static func ratioOfSums(_ numerators: [Double], _ denominators: [Double]) -> Double? {
    ratio(numerators.reduce(0, +), denominators.reduce(0, +))
  }

  /// The jackknife standard error of `ratioOfSums`: `√((c-1)/c · Σ(θ_i - θ̄)²)` with `θ_i` the
  /// ratio without the i-th pair.
  ///
  /// `nil` below two pairs, or where a `θ_i` is undefined. Terms are taken as non-negative.
  static func jackknifeError(_ numerators: [Double], _ denominators: [Double]) -> Double? {
    guard let deviations = jackknifeDeviations(numerators, denominators) else { return nil }
    let count = Double(deviations.count)
    let squares = deviations.reduce(0) { $0 + $1 * $1 }
    return defined((squares * (count - 1) / count).squareRoot())
  }

  /// `θ_i - θ̄` of the jackknife for each pair; `nil` where `jackknifeError` is.
  static func jackknifeDeviations(_ numerators: [Double], _ denominators: [Double]) -> [Double]? {
    let count = numerators.count
    precondition(denominators.count == count, "pairs")
    guard count > 1 else { return nil }
    // Sums from both ends rather than the total less one term: what is 0 comes out as 0.
    var above = [(Double, Double)](repeating: (0, 0), count: count + 1)
    for i in stride(from: count - 1, through: 0, by: -1) {
      above[i] = (above[i + 1].0 + numerators[i], above[i + 1].1 + denominators[i])
    }
    var below = (0.0, 0.0)
    var ratios: [Double] = []
    for i in 0..<count {
      guard let without = ratio(below.0 + above[i + 1].0, below.1 + above[i + 1].1) else {
        return nil
      }
      ratios.append(without)
      below = (below.0 + numerators[i], below.1 + denominators[i])
    }
    return mean(ratios).map { mean in ratios.map { $0 - mean } }
  }

  /// The median; of an even count the mean of the middle two.
  static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The value, or `nil` where it is NaN or infinite.
  static func defined(_ value: Double) -> Double? { value.isFinite ? value : nil }

  private static func ratio(_ numerator: Double, _ denominator: Double) -> Double? {
    defined(numerator / denominator)
  }
}
