import AttentionAnalysis

/// Numbers for the texts of a task, from a seed and what else they are for.
///
/// SplitMix64, begun anew with the exclusive or of a draw and each part. A number below a bound is
/// the upper word of the product of one draw and the bound, so that it grows with the bound; for the
/// bounds of texts, below 2^20, the chances are equal to within 2^-44.
struct TaskDraws {
  private var generator: SplitMix64

  init(seed: UInt64, _ parts: Int...) {
    generator = SplitMix64(seed: seed)
    for part in parts {
      generator = SplitMix64(seed: generator.next() ^ UInt64(truncatingIfNeeded: part))
    }
  }

  /// A number of 0..<bound; 0 where that is empty.
  mutating func below(_ bound: Int) -> Int {
    Int(generator.next().multipliedFullWidth(by: UInt64(max(bound, 0))).high)
  }

  /// A number of the range.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  mutating func bits() -> UInt64 { generator.next() }

  /// So many different numbers of 0..<bound, in the order they are drawn; all of them where it has
  /// no more.
  mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
    var numbers = Array(0..<max(bound, 0))
    let count = min(count, numbers.count)
    for index in 0..<count { numbers.swapAt(index, index + below(numbers.count - index)) }
    return Array(numbers.prefix(count))
  }

  /// The elements in another order.
  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    distinct(elements.count, below: elements.count).map { elements[$0] }
  }
}
