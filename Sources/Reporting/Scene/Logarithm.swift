/// Logarithms from arithmetic alone, so that drawings are the same bytes on every platform.
enum Logarithm {
  private static let ln2 = 0.693147180559945309
  private static let ln10 = 2.302585092994045684

  /// log10 of a positive finite number, to about 1e-14; `nil` for any other.
  static func base10(_ value: Double) -> Double? { natural(value).map { $0 / ln10 } }

  /// The natural logarithm of a positive finite number, to about 1e-14; `nil` for any other.
  static func natural(_ value: Double) -> Double? {
    guard value > 0, value.isFinite else { return nil }
    var exponent = Double(value.exponent)
    var significand = value.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), whose argument lies within ±0.172.
    let z = (significand - 1) / (significand + 1)
    var power = z
    var sum = 0.0
    for odd in stride(from: 1.0, through: 21, by: 2) {
      sum += power / odd
      power *= z * z
    }
    return exponent * ln2 + 2 * sum
  }
}
