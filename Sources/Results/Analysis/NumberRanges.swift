/// Indices for people.
public enum NumberRanges {
  /// Ascending numbers, three or more in a row as a range: `0-7, 9, 10`.
  public static func text(_ numbers: [Int]) -> String {
    var parts: [String] = []
    var start = 0
    while start < numbers.count {
      var end = start
      while end + 1 < numbers.count, numbers[end + 1] - numbers[end] == 1 { end += 1 }
      if end >= start + 2 {
        parts.append("\(numbers[start])-\(numbers[end])")
      } else {
        parts += numbers[start...end].map(String.init)
      }
      start = end + 1
    }
    return parts.joined(separator: ", ")
  }
}
