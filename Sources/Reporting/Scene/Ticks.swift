/// Marks along an axis.
public struct Ticks: Sendable, Equatable {
  public var values: [Double]
  public var labels: [String]

  /// Round values (steps of 1, 2, 2.5 or 5 times a power of ten) within `range`, at most
  /// `maximum` of them, all labelled with the same number of decimals.
  ///
  /// A range without extent, or not finite, gives at most its one value.
  public static func linear(over range: ClosedRange<Double>, maximum: Int) -> Ticks {
    let extent = range.upperBound - range.lowerBound
    guard extent.isFinite, extent > 0, maximum >= 2 else {
      let value = range.lowerBound
      return value.isFinite
        ? Ticks(values: [value], labels: [NumberText.typeset(NumberText.significant(value))])
        : Ticks(values: [], labels: [])
    }
    var power = 1.0
    while power * 10 <= extent { power *= 10 }
    while power > extent { power /= 10 }
    // Two decades below the extent there are always more steps than any axis has room for.
    power /= 100
    let multipliers: [(Double, Int)] = [(1, 0), (2, 0), (2.5, 1), (5, 0)]
    for _ in 0..<4 {
      for (multiplier, extraDecimals) in multipliers {
        let step = multiplier * power
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        let last = (range.upperBound / step + 1e-9).rounded(.down)
        guard last - first + 1 <= Double(maximum), last >= first else { continue }
        let values = stride(from: first, through: last, by: 1).map { $0 * step }
        var decimals = extraDecimals
        var unit = power
        while unit < 0.999_999, decimals < 12 {
          unit *= 10
          decimals += 1
        }
        if extraDecimals == 1, power >= 9.999_999 { decimals = 0 }
        return Ticks(
          values: values,
          labels: values.map { NumberText.typeset(NumberText.fixed($0, decimals: decimals)) })
      }
      power *= 10
    }
    return Ticks(values: [], labels: [])
  }

  /// Powers of ten within 10^`range`, at most `maximum` of them, as `1e-4`; `values` are their
  /// exponents. Where the range holds fewer than two, 2 and 5 times a power of ten are marked too.
  static func logarithmic(over range: ClosedRange<Double>, maximum: Int) -> Ticks {
    guard range.lowerBound > -300, range.upperBound < 300, maximum >= 1 else {
      return Ticks(values: [], labels: [])
    }
    let first = Int((range.lowerBound - 1e-9).rounded(.up))
    let last = Int((range.upperBound + 1e-9).rounded(.down))
    if last > first {
      let step = (last - first) / maximum + 1
      let exponents = stride(from: first, through: last, by: step)
      return Ticks(values: exponents.map(Double.init), labels: exponents.map { "1e\($0)" })
    }
    var ticks = Ticks(values: [], labels: [])
    for exponent in (first - 1)...max(first, last) {
      for digit in [1, 2, 5] {
        guard let log = Logarithm.base10(Double(digit)) else { continue }
        let value = Double(exponent) + log
        if value >= range.lowerBound - 1e-9, value <= range.upperBound + 1e-9 {
          ticks.values.append(value)
          ticks.labels.append("\(digit)e\(exponent)")
        }
      }
    }
    return ticks
  }

  /// Indices 0, s, 2s… below `count`, s the least power of two that leaves `minimumSpacing`
  /// between neighbours that lie `spacing` apart.
  public static func indices(count: Int, spacing: Double, minimumSpacing: Double) -> [Int] {
    guard count > 0 else { return [] }
    guard spacing > 0, minimumSpacing.isFinite else { return [0] }
    var step = 1
    while Double(step) * spacing < minimumSpacing, step < count { step *= 2 }
    return Array(stride(from: 0, to: count, by: step))
  }

  /// The least of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten that is not below a
  /// positive `value`: where an axis ends.
  public static func roundedUp(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    var power = 1.0
    while power * 10 <= value { power *= 10 }
    while power > value { power /= 10 }
    for multiplier in [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
    where multiplier * power >= value * (1 - 1e-9) {
      return multiplier * power
    }
    return value
  }
}
