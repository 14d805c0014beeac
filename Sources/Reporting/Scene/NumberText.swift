/// Numbers as text, the same in every locale.
public enum NumberText {
  /// `value` with exactly `decimals` digits after the point, rounded to nearest; `–` for what is
  /// not finite. Values too large for that are written in scientific notation.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let places = min(max(decimals, 0), 12)
    let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15, let whole = Int(exactly: scaled) else { return scientific(value) }
    var digits = String(whole)
    if places > 0 {
      if digits.count <= places {
        digits = String(repeating: "0", count: places + 1 - digits.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places))
    }
    return (value < 0 && whole != 0 ? "-" : "") + digits
  }

  /// About `figures` significant digits, `–` for `nil` and for what is not finite.
  static func significant(_ value: Double?, figures: Int = 3) -> String {
    guard let value, value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    var exponent = 0
    var rest = value.magnitude
    while rest >= 10, exponent < 400 {
      rest /= 10
      exponent += 1
    }
    while rest < 1, exponent > -400 {
      rest *= 10
      exponent -= 1
    }
    if exponent < -5 { return scientific(value) }
    return fixed(value, decimals: figures - 1 - exponent)
  }

  /// Two digits after the point and a power of ten: `1.25e-7`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    var exponent = 0
    var rest = value.magnitude
    while rest >= 9.995, exponent < 400 {
      rest /= 10
      exponent += 1
    }
    while rest < 0.9995, exponent > -400 {
      rest *= 10
      exponent -= 1
    }
    return (value < 0 ? "-" : "") + fixed(rest, decimals: 2) + "e\(exponent)"
  }

  /// A number as figures set it: with a minus sign in front instead of a hyphen.
  static func typeset(_ number: String) -> String {
    number.hasPrefix("-") ? "−" + number.dropFirst() : number
  }

  /// A coordinate: at most three decimals, none that are zero.
  static func coordinate(_ value: Double) -> String {
    var text = fixed(value.isFinite ? value : 0, decimals: 3)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A count in groups of three: `1,024`.
  public static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }
}
