/// Finds the largest size of a question that fits its length, by doubling and halving.
///
/// A tokenizer may give texts of any size the same few tokens (one that drops what it does not know
/// does), so sizes have an end.
struct LargestFit {
  let task: String
  /// A size that fits.
  var low: Int
  /// The next one to try.
  var high: Int
  /// A size that no text of the length can have.
  let bound: Int

  /// - Throws: `TaskError.countlessText` where `bound` fits, and what `fits` throws.
  func find(_ fits: (Int) throws(TaskError) -> Bool) throws(TaskError) -> Int {
    var (low, high) = (low, high)
    while try fits(high) {
      guard high < bound else { throw .countlessText(task: task, size: high) }
      (low, high) = (high, min(high * 2, bound))
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try fits(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
