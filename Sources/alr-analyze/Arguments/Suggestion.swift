/// "Did you mean": the candidate nearest to a misspelt word.
enum Suggestion {
  /// The first of the nearest candidates, if it is at most two edits away, and one for words of
  /// three letters or fewer.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = word.count <= 3 ? 1 : 2
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      // No distance is below the difference of lengths.
      guard abs(candidate.utf8.count - word.utf8.count) <= limit else { continue }
      let distance = distance(Array(word.utf8), Array(candidate.utf8))
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Edit distance in which swapping neighbours counts as one edit.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
