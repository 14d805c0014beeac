/// The exponential function from arithmetic alone, as `Logarithm` and for its reason.
enum Exponential {
  // ln 2 in two parts: multiples of the first are exact.
  private static let ln2High = 0.69314718036912381649
  private static let ln2Low = 1.90821492927058770002e-10

  /// e to the power of `value`, to about 1e-15 of itself; infinity where no number holds it.
  static func natural(_ value: Double) -> Double {
    guard !value.isNaN, value < 709.7 else { return value.isNaN ? value : .infinity }
    guard value > -708 else { return 0 }
    let exponent = (value / ln2High).rounded()
    let rest = (value - exponent * ln2High) - exponent * ln2Low
    // Taylor's series; `rest` lies within ±0.35.
    var sum = 1.0
    for degree in stride(from: 14.0, through: 1, by: -1) { sum = 1 + rest / degree * sum }
    return Double(sign: .plus, exponent: Int(exponent), significand: sum)
  }
}
