/// ROUGE as the `rouge-score` package computes it (Lin, "ROUGE: a package for automatic evaluation of
/// summaries", 2004).
///
/// Words are runs of `a-z` and `0-9` of the text in lower case, and count as often as they stand
/// there. This is not what LongBench reports: see `SentenceRouge`.
public enum Rouge {
  /// The F measure of shared words, 0…1; 0 where a text has none.
  ///
  /// - Parameter stemming: whether words of more than three letters are replaced by their stems.
  public static func one(_ response: String, _ answer: String, stemming: Bool) -> Double {
    let (response, answer) = (words(response, stemming), words(answer, stemming))
    return f(shared: MetricWords.shared(response, answer), response.count, answer.count)
  }

  /// The F measure of the longest common subsequence of words, 0…1; 0 where a text has none.
  public static func longest(_ response: String, _ answer: String, stemming: Bool) -> Double {
    let (response, answer) = (words(response, stemming), words(answer, stemming))
    let table = CommonSubsequence(answer, response)
    return f(shared: table.length, response.count, answer.count)
  }

  private static func words(_ text: String, _ stemming: Bool) -> [[UInt8]] {
    let words = MetricWords.alphanumeric(text)
    return stemming ? words.map { $0.count > 3 ? PorterStemmer.stem($0) : $0 } : words
  }

  private static func f(shared: Int, _ response: Int, _ answer: Int) -> Double {
    guard shared > 0 else { return 0 }
    let precision = Double(shared) / Double(response)
    let recall = Double(shared) / Double(answer)
    return 2 * precision * recall / (precision + recall)
  }
}

/// ROUGE as the `rouge` package computes it, which LongBench scores summaries with.
///
/// Words are what stands between white space, case and punctuation left as they are, and each counts
/// once however often it is there. Sentences end at full stops. Only for texts of one sentence in
/// lower case without punctuation and repeated words is it equal, but for the 1e-8 that it adds to a
/// denominator, to what `rouge-score` gives without stemming.
public enum SentenceRouge {
  /// The F measure of ROUGE-L over sentences, 0…1; 0 where a text has no sentence.
  ///
  /// The words that any sentence of the response has in common order with a sentence of the answer,
  /// against the distinct words of both.
  public static func longest(_ response: String, _ answer: String) -> Double {
    let (response, answer) = (sentences(response), sentences(answer))
    guard !response.isEmpty, !answer.isEmpty else { return 0 }
    var shared: Set<[UInt8]> = []
    for reference in answer {
      for sentence in response {
        shared.formUnion(CommonSubsequence(reference, sentence).words)
      }
    }
    let precision = Double(shared.count) / Double(Set(response.joined()).count)
    let recall = Double(shared.count) / Double(Set(answer.joined()).count)
    return 2 * (precision * recall) / (precision + recall + 1e-8)
  }

  /// What stands between full stops, cut into words; of a sentence of white space alone one empty
  /// word is left, as the package has it.
  private static func sentences(_ text: String) -> [[[UInt8]]] {
    text.unicodeScalars.split(separator: ".").map { sentence in
      let words = MetricWords.split(sentence)
      return words.isEmpty ? [[]] : words
    }
  }
}

/// The longest words that two lists have in common, in order.
struct CommonSubsequence {
  let length: Int
  private let first: [[UInt8]]
  private let second: [[UInt8]]
  /// By words taken of the first list and of the second.
  private let table: [Int32]

  /// - Complexity: the product of both counts, in time and memory.
  init(_ first: [[UInt8]], _ second: [[UInt8]]) {
    self.first = first
    self.second = second
    // Numbers are compared faster than words.
    var numbers: [[UInt8]: Int32] = [:]
    func number(_ word: [UInt8]) -> Int32 {
      let next = Int32(truncatingIfNeeded: numbers.count)
      return numbers[word]
        ?? {
          numbers[word] = next
          return next
        }()
    }
    let (rows, columns) = (first.map(number), second.map(number))
    let width = columns.count + 1
    var table = [Int32](repeating: 0, count: (rows.count + 1) * width)
    for (row, word) in rows.enumerated() {
      let (above, here) = (row * width, (row + 1) * width)
      for column in columns.indices {
        table[here + column + 1] =
          columns[column] == word
          ? table[above + column] + 1 : max(table[above + column + 1], table[here + column])
      }
    }
    self.table = table
    length = Int(table.last ?? 0)
  }

  /// One such subsequence, last word first: of two ways the one that takes less of the second list.
  var words: [[UInt8]] {
    let width = second.count + 1
    var words: [[UInt8]] = []
    var (row, column) = (first.count, second.count)
    while row > 0, column > 0 {
      if first[row - 1] == second[column - 1] {
        words.append(first[row - 1])
        (row, column) = (row - 1, column - 1)
      } else if table[(row - 1) * width + column] > table[row * width + column - 1] {
        row -= 1
      } else {
        column -= 1
      }
    }
    return words
  }
}
