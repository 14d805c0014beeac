/// Lists of indices as options spell them: `0,5-8`, or `all`.
enum NumberList {
  /// The numbers of `text` in ascending order, each once.
  ///
  /// - Throws: `UsageError.invalidValue` for `option` where one is not below `count`.
  static func indices(
    _ text: String, of option: String, below count: Int
  ) throws(UsageError) -> [Int] {
    if text == "all" { return Array(0..<max(count, 0)) }
    var chosen: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(number)
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last, last < count
      else {
        throw .invalidValue(
          option: option, value: text, expected: "numbers below \(count) such as 0,2-3, or all")
      }
      chosen.formUnion(first...last)
    }
    return chosen.sorted()
  }

  /// A whole number in digits alone: no sign, no spaces.
  static func number(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
