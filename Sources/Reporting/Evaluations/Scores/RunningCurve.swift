import Results

/// A measure of one setting along the input: at each length over all tokens up to it, the mean over
/// chunks and its standard error.
struct RunningCurve: Equatable {
  /// Tokens read.
  var lengths: [Double]
  var values: [Double]
  /// A standard error below and above; equal to `values` where there is one chunk.
  var low: [Double]
  var high: [Double]

  /// Natural logarithm of perplexity: running mean of the losses, its exponential, mean over
  /// chunks, logarithm.
  static func logPerplexity(_ tokens: Evaluation.TokenArrays, setting: Int) -> RunningCurve {
    var curve = RunningCurve(tokens, \.nll, setting: setting, chunkValue: Exponential.natural)
    func logarithm(_ value: Double) -> Double { Logarithm.natural(value) ?? .nan }
    curve.values = curve.values.map(logarithm)
    // Where an error is as large as its mean, the band goes down without end: it is left out there.
    curve.low = zip(curve.low, curve.values).map { low, value in
      let log = logarithm(low)
      return log.isFinite ? log : value
    }
    curve.high = curve.high.map(logarithm)
    return curve
  }

  /// Share of the tokens that had the highest logit.
  static func accuracy(_ tokens: Evaluation.TokenArrays, setting: Int) -> RunningCurve {
    RunningCurve(tokens, \.correct, setting: setting) { $0 }
  }

  private init(
    _ tokens: Evaluation.TokenArrays, _ array: KeyPath<Evaluation.TokenArrays, [Double]>,
    setting: Int, chunkValue: (Double) -> Double
  ) {
    let count = tokens.positions
    // Welford's way, position by position, so that no great values are subtracted.
    var means = [Double](repeating: 0, count: count)
    var squares = means
    for chunk in 0..<tokens.chunks {
      var sum = 0.0
      for (position, value) in tokens.row(array, setting: setting, chunk: chunk).enumerated() {
        sum += value
        let value = chunkValue(sum / Double(position + 1))
        let difference = value - means[position]
        means[position] += difference / Double(chunk + 1)
        squares[position] += difference * (value - means[position])
      }
    }
    let chunks = Double(tokens.chunks)
    let errors = squares.map { chunks > 1 ? ($0 / (chunks - 1) / chunks).squareRoot() : 0 }
    lengths = (0..<count).map { Double($0 + 1) }
    values = tokens.chunks > 0 ? means : means.map { _ in .nan }
    low = zip(values, errors).map { $0 - $1 }
    high = zip(values, errors).map { $0 + $1 }
  }

  private init(lengths: [Double], values: [Double], low: [Double], high: [Double]) {
    self.lengths = lengths
    self.values = values
    self.low = low
    self.high = high
  }

  /// Without the first `skip` points, and each `size` after them averaged into one; a remainder is
  /// dropped.
  func pooled(_ size: Int, skip: Int) -> RunningCurve {
    func pooled(_ values: [Double]) -> [Double] {
      stride(from: skip, through: values.count - size, by: size).map { first in
        values[first..<first + size].reduce(0, +) / Double(size)
      }
    }
    return RunningCurve(
      lengths: pooled(lengths), values: pooled(values), low: pooled(low), high: pooled(high))
  }
}
