/// Average ranks, doubled and centred so that they are whole numbers: `2·rank - (n + 1)`.
///
/// Ties share the mean of their ranks. The Pearson correlation of two such columns is Spearman's
/// coefficient, and its sums are exact.
struct CentredRanks: Sendable, Equatable {
  /// One for each position.
  var values: [Int32]
  /// Sum of the squares of `values`; 0 where all are tied.
  var sumOfSquares: Double

  /// No positions.
  static let none = CentredRanks(
    scores: UnsafeBufferPointer(start: nil, count: 0),
    dropOrder: UnsafeBufferPointer(start: nil, count: 0))

  /// Ranks of how soon positions are dropped, the soonest highest, given their order.
  init(scores: UnsafeBufferPointer<Double>, dropOrder: UnsafeBufferPointer<Int32>) {
    let count = scores.count
    var ranks = [Int32](repeating: 0, count: count)
    var squares = 0.0
    var start = 0
    while start < count {
      let score = scores[Int(dropOrder[start])]
      var end = start + 1
      while end < count, scores[Int(dropOrder[end])] == score { end += 1 }
      // Places start..<end from the top are ranks n-end+1...n-start from the bottom.
      let centred = count - start - end
      for i in start..<end {
        ranks[Int(dropOrder[i])] = Int32(truncatingIfNeeded: centred)
      }
      squares += Double(end - start) * Double(centred) * Double(centred)
      start = end
    }
    values = ranks
    sumOfSquares = squares
  }
}
