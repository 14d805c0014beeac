import AttentionAnalysis

extension SplitMix64 {
  /// A number of 0..<1.
  public mutating func uniform() -> Double { Double.random(in: 0..<1, using: &self) }

  /// Scores that sum to about 1, over several decades, with ties where `distinct` is small.
  public mutating func attention(count: Int, distinct: Int) -> [Float] {
    let levels = (0..<distinct).map { _ in Double.random(in: 0...1, using: &self) }
    let raw = (0..<count).map { _ -> Double in
      let level = levels[Int.random(in: 0..<distinct, using: &self)]
      return level * level * level * level
    }
    let sum = raw.reduce(0, +)
    return raw.map { Float(sum > 0 ? $0 / sum : 0) }
  }

  /// Key norms, with ties where `distinct` is small.
  public mutating func keyNorms(count: Int, distinct: Int) -> [Double] {
    let levels = (0..<distinct).map { _ in Double.random(in: 3...30, using: &self) }
    return (0..<count).map { _ in levels[Int.random(in: 0..<distinct, using: &self)] }
  }
}
