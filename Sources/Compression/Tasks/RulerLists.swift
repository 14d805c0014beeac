/// RULER's common words: a numbered list in which ten words stand more often than the others.
///
/// An example with its answer stands before the question. Lists are shorter below 4096 tokens, as
/// RULER has it.
struct RulerCommonWords: RulerForm {
  let maxNewTokens = 120
  private let isShort: Bool

  private static let common = 10

  /// Words to draw from before any are made up.
  private let words: [String]

  init(length: Int, words: [String]) {
    isShort = length < 4096
    self.words = words
  }

  var leastSize: Int { Self.common + 1 }

  func text(size: Int, _ draws: inout TaskDraws) -> RulerText {
    let example =
      isShort
      ? list(of: 20, common: 3, others: 1, &draws) : list(of: 40, common: 10, others: 3, &draws)
    let question =
      isShort
      ? list(of: size, common: 6, others: 1, &draws) : list(of: size, common: 30, others: 3, &draws)
    return RulerText(
      prompt: Self.prompt(example.list) + Self.answerPrefix + " " + Self.numbered(example.common)
        + "\n" + Self.prompt(question.list),
      answerPrefix: Self.answerPrefix, answers: question.common)
  }

  static let answerPrefix =
    " Answer: The top 10 words that appear most often in the list are:"

  /// Puts RULER's words around a list.
  static func prompt(_ list: String) -> String {
    "Below is a numbered list of words. In these words, some appear more often than others. Memorize "
      + "the ones that appear most often.\n\(list)\nQuestion: What are the 10 most common words in "
      + "the above list?"
  }

  private static func numbered(_ words: [String]) -> String {
    words.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: " ")
  }

  private func list(
    of count: Int, common times: Int, others rest: Int, _ draws: inout TaskDraws
  ) -> (list: String, common: [String]) {
    let words = RulerWords.distinct(count, of: words, &draws)
    let all = words.enumerated().flatMap { index, word in
      Array(repeating: word, count: index < Self.common ? times : rest)
    }
    return (Self.numbered(draws.shuffled(all)), Array(words.prefix(Self.common)))
  }
}

/// RULER's frequent words: made-up words whose numbers follow a zeta distribution; the most frequent
/// of all is dots, and the three behind it are asked for.
struct RulerFrequentWords: RulerForm {
  let maxNewTokens = 50
  /// Different words.
  private let vocabulary: Int

  private static let letters = 6
  /// ζ(2), of the exponent 2 that RULER has.
  private static let zeta = Double.pi * Double.pi / 6

  init(length: Int) { vocabulary = max((length - maxNewTokens) / 50, 4) }

  /// The third word stands there once at least.
  var leastSize: Int { 27 }

  func text(size: Int, _ draws: inout TaskDraws) -> RulerText {
    let words =
      ["..."]
      + RulerWords.distinct(vocabulary - 1, &draws) {
        RulerWords.letters(Self.letters, from: "a", &$0)
      }
    let all = words.enumerated().flatMap { index, word in
      let share = 1 / Double((index + 1) * (index + 1)) / Self.zeta
      return Array(repeating: word, count: Int(Double(size) * share))
    }
    let context = draws.shuffled(all).joined(separator: " ")
    return Self.framed(context, answers: Array(words[1...3]))
  }

  /// Puts RULER's words around a text.
  static func framed(_ context: String, answers: [String]) -> RulerText {
    RulerText(
      prompt: "Read the following coded text and track the frequency of each coded word. Find the "
        + "three most frequently appeared coded words. \(context)\nQuestion: Do not provide any "
        + "explanation. Please ignore the dots '....'. What are the three most frequently appeared "
        + "words in the above coded text?",
      answerPrefix:
        " Answer: According to the coded text above, the three most frequently appeared "
        + "words are:",
      answers: answers)
  }
}
