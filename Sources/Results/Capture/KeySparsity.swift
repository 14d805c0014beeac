/// How few dimensions of a key carry it.
public struct KeySparsity: Sendable, Equatable {
  /// L2 norm.
  public let norm: Double
  /// (√d − |k|₁ / |k|₂) / (√d − 1): 0 where all dimensions are equal, 1 where only one is not zero.
  public let hoyer: Double
  /// Fourth central moment over the squared variance: 3 for a normal distribution.
  public let kurtosis: Double
  /// Share of Σk² in the top 1 % of dimensions, at least one.
  public let topEnergy: Double
  /// Share of Σ|k| in the same dimensions.
  public let topMass: Double

  /// `nil` for fewer than two dimensions, and where all are zero or equal.
  public init?(_ key: [Float]) {
    let values = key.map(Double.init)
    let count = Double(values.count)
    let energy = values.reduce(0) { $0 + $1 * $1 }
    let mass = values.reduce(0) { $0 + $1.magnitude }
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    guard values.count > 1, energy > 0, energy.isFinite, variance > 0 else { return nil }
    let fourth = values.reduce(0) { sum, value in
      let square = (value - mean) * (value - mean)
      return sum + square * square
    }
    norm = energy.squareRoot()
    hoyer = (count.squareRoot() - mass / norm) / (count.squareRoot() - 1)
    kurtosis = fourth / count / (variance * variance)
    let top = values.map(\.magnitude).sorted(by: >).prefix((values.count + 99) / 100)
    topEnergy = top.reduce(0) { $0 + $1 * $1 } / energy
    topMass = top.reduce(0, +) / mass
  }
}
