/// The largest of many differences, in which nothing that is wrong can hide: a NaN on either side
/// counts as infinite, and so do lists of different lengths and no difference at all.
public struct WorstDifference<Value: BinaryFloatingPoint> {
  private var largest: Value?

  public init() {}

  /// The largest difference; infinite where there was none to take.
  public var worst: Value { largest ?? .infinity }

  /// Adds |found − expected| / scale(expected).
  public mutating func add(_ found: Value, _ expected: Value, scale: Value = 1) {
    let difference = (found - expected).magnitude / scale
    let counted = difference.isNaN ? .infinity : difference
    largest = largest.map { Swift.max($0, counted) } ?? counted
  }

  /// Adds the differences of two lists, each divided by `scale` of the expected value.
  public mutating func add(
    _ found: some Collection<Value>, _ expected: some Collection<Value>,
    scale: (Value) -> Value = { _ in 1 }
  ) {
    if found.count != expected.count { largest = .infinity }
    for (found, expected) in zip(found, expected) {
      add(found, expected, scale: scale(expected))
    }
  }
}
