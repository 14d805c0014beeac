/// Average ranks, doubled and centred so that they are whole numbers: `2·rank - (n + 1)`.
///
/// Ties share the mean of their ranks. The Pearson correlation of two such columns is Spearman's
/// coefficient, and its sums are exact.
struct CentredRanks: Sendable, Equatable {
  /// One a position.
  var values: [Int32]
  /// Sum of the squares of `values`; 0 where all are tied.
  var sumOfSquares: Double

  /// Ranks of `keyNorms`, ascending, given the positions in descending order of norm.
  init(keyNorms: UnsafeBufferPointer<Double>, dropOrder: UnsafeBufferPointer<Int32>) {
    let count = keyNorms.count
    var ranks = [Int32](repeating: 0, count: count)
    var squares = 0.0
    var start = 0
    while start < count {
      let norm = keyNorms[Int(dropOrder[start])]
      var end = start + 1
      while end < count, keyNorms[Int(dropOrder[end])] == norm { end += 1 }
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
