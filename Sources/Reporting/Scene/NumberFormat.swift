/// One way to write all numbers of a figure or a column, so that their digits line up.
struct NumberFormat: Sendable, Equatable {
  enum Notation: Sendable, Equatable {
    /// Digits after the point.
    case fixed(Int)
    case scientific
  }

  var notation: Notation

  static func fixed(_ decimals: Int) -> NumberFormat { NumberFormat(notation: .fixed(decimals)) }

  /// Enough decimals for the greatest of `values` to show `figures` digits, but one decimal at
  /// least below 1000; powers of ten where all are tiny or one is huge.
  init(for values: some Sequence<Double>, figures: Int = 3) {
    var greatest = 0.0
    for value in values where value.isFinite { greatest = max(greatest, value.magnitude) }
    var exponent = 0
    var power = 1.0
    while power * 10 <= greatest, exponent < 400 {
      power *= 10
      exponent += 1
    }
    while power > greatest, greatest > 0, exponent > -400 {
      power /= 10
      exponent -= 1
    }
    if exponent > 6 || exponent < -5 {
      notation = .scientific
    } else {
      notation = .fixed(max(figures - 1 - exponent, exponent > 2 ? 0 : 1))
    }
  }

  private init(notation: Notation) { self.notation = notation }

  /// `–` for `nil` and for what is not finite.
  func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    switch notation {
    case .fixed(let decimals): return NumberText.fixed(value, decimals: decimals)
    case .scientific: return NumberText.scientific(value)
    }
  }
}

/// How the measures are written wherever they stand in a table or beside a curve.
enum MeasureFormat {
  /// ALR / n: a share of 0…1.
  static let normalized = NumberFormat.fixed(4)
  /// ALR ratio and its error.
  static let ratio = NumberFormat.fixed(3)
  static let spearman = NumberFormat.fixed(3)
}
