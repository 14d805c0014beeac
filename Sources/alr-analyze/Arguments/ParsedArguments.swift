/// Arguments that fit a command's specification.
struct ParsedArguments: Sendable, Equatable {
  /// In the order given; a lone `-` and whatever follows `--` are among them.
  var positionals: [String] = []
  /// Values by option name; flags are there with an empty value.
  var values: [String: String] = [:]
  /// Values of options that may be given several times, in their order; `values` has the last.
  var lists: [String: [String]] = [:]

  func has(_ flag: String) -> Bool { values[flag] != nil }

  func value(_ option: String) -> String? { values[option] }

  /// All values of an option, of one that may be given several times in their order, none twice.
  func list(_ option: String) -> [String] {
    (lists[option] ?? [values[option]].compactMap(\.self))
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The value of an option that names one of `Value`'s cases.
  func choice<Value: OptionChoice>(_ option: String, default fallback: Value) -> Value {
    values[option].flatMap(Value.init) ?? fallback
  }

  /// The value as a whole number from 1 to `maximum`.
  func integer(_ option: String, maximum: Int = .max) throws(UsageError) -> Int? {
    guard let text = values[option] else { return nil }
    guard let number = NumberList.number(text), (1...maximum).contains(number) else {
      let limit = maximum == .max ? "of at least 1" : "from 1 to \(maximum)"
      throw .invalidValue(option: option, value: text, expected: "a whole number \(limit)")
    }
    return number
  }

  /// The value as a decimal number within `range`.
  func number(
    _ option: String, in range: ClosedRange<Double>
  ) throws(UsageError) -> Double? {
    guard let text = values[option] else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw .invalidValue(
        option: option, value: text,
        expected: "a number from \(Self.spelled(range.lowerBound)) to "
          + Self.spelled(range.upperBound))
    }
    return number
  }

  /// The value as ascending indices below `bound`, such as `0,5-8`; all of them where it is not
  /// given.
  func indices(_ option: String, below bound: Int) throws(UsageError) -> [Int] {
    guard let text = values[option] else { return Array(0..<bound) }
    return try NumberList.indices(text, of: option, below: bound)
  }

  /// As help screens write it: 16, not 16.0.
  private static func spelled(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// The value as bytes: a number, and K, M, G or T for powers of 1024, also as KB or KiB.
  func byteCount(_ option: String) throws(UsageError) -> Int? {
    guard let text = values[option] else { return nil }
    guard let bytes = Self.bytes(text) else {
      throw .invalidValue(
        option: option, value: text, expected: "a whole number with a unit, such as 512M or 4G")
    }
    return bytes
  }

  private static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let shifts = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
    var unit = text.dropFirst(digits.count).uppercased()
    if let end = ["IB", "B"].first(where: unit.hasSuffix), unit.count > end.count {
      unit.removeLast(end.count)
    }
    guard let number = Int(digits), number > 0, let shift = shifts[unit] else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : bytes
  }
}
