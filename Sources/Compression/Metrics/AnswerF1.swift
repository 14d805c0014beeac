/// How much of an answer's words a response has, and the other way round.
public enum AnswerF1 {
  /// The F1 of the words of two texts, 0…1, as SQuAD and LongBench's `qa_f1_score` have it.
  ///
  /// Both in lower case, without ASCII punctuation and articles, cut at white space; a word counts
  /// as often as both have it. 0 where nothing is shared, also where both have no word at all.
  public static func score(_ response: String, _ answer: String) -> Double {
    let (response, answer) = (MetricWords.normalized(response), MetricWords.normalized(answer))
    let shared = MetricWords.shared(response, answer)
    guard shared > 0 else { return 0 }
    let precision = Double(shared) / Double(response.count)
    let recall = Double(shared) / Double(answer.count)
    return 2 * precision * recall / (precision + recall)
  }
}

/// The share of an answer's words that a response has.
public enum WordRecall {
  /// The share of the answer's distinct words that are words of the response, 0…1.
  ///
  /// Words are what stands between white space, in lower case; "day" and "day." are two. 0 where the
  /// answer has none.
  public static func score(_ response: String, _ answer: String) -> Double {
    let wanted = Set(MetricWords.split(answer.lowercased().unicodeScalars))
    guard !wanted.isEmpty else { return 0 }
    let found = wanted.intersection(MetricWords.split(response.lowercased().unicodeScalars))
    return Double(found.count) / Double(wanted.count)
  }
}

/// The share of answers that stand anywhere in a response.
public enum StringMatch {
  /// RULER's `string_match_all` of one response, 0…1: the share of the answers that it contains,
  /// whatever the case. 0 where there are no answers.
  public static func all(_ response: String, _ answers: [String]) -> Double {
    guard !answers.isEmpty else { return 0 }
    let text = Array(response.lowercased().utf8)
    let found = answers.filter { contains(text, Array($0.lowercased().utf8)) }
    return Double(found.count) / Double(answers.count)
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard part.count <= text.count else { return false }
    return (0...text.count - part.count).contains { start in
      text[start] == first && text[start..<start + part.count] == part[...]
    }
  }
}
