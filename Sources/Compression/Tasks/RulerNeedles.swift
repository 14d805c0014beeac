/// RULER's needles in a haystack: sentences that give values to keys, and a question about some of the
/// keys.
struct RulerNeedles: RulerForm {
  /// What the needles lie in, and what keys and values are.
  struct Form: Sendable, Equatable {
    enum Hay: Sendable, Equatable {
      /// Sentences that say nothing, over and over.
      case noise
      /// Words of a text, of which the sentences are kept.
      case essay
      /// Needles that nobody asks for.
      case needles
    }
    enum Value: String, Sendable {
      case words, numbers, uuids
    }

    var hay: Hay
    var keyType = Value.words
    var valueType = Value.numbers
    /// Keys that have needles, values of each, keys that are asked for.
    var keys = 1
    var values = 1
    var queries = 1

    /// `nil` for a task without needles.
    init?(_ kind: Ruler.Kind) {
      switch kind {
      case .single1: self.init(hay: .noise)
      case .single2: self.init(hay: .essay)
      case .single3: self.init(hay: .essay, valueType: .uuids)
      case .multikey1: self.init(hay: .essay, keys: 4)
      case .multikey2: self.init(hay: .needles)
      case .multikey3: self.init(hay: .needles, keyType: .uuids, valueType: .uuids)
      case .multivalue: self.init(hay: .essay, values: 4)
      case .multiquery: self.init(hay: .essay, keys: 4, queries: 4)
      case .variableTracking, .commonWords, .frequentWords: return nil
      }
    }

    init(
      hay: Hay, keyType: Value = .words, valueType: Value = .numbers, keys: Int = 1,
      values: Int = 1,
      queries: Int = 1
    ) {
      (self.hay, self.keyType, self.valueType) = (hay, keyType, valueType)
      (self.keys, self.values, self.queries) = (keys, values, queries)
    }
  }

  let maxNewTokens = 128
  let form: Form
  let essay: [String]

  init(_ kind: Ruler.Kind, essay: [String]) {
    form = Form(kind) ?? Form(hay: .noise)
    self.essay = essay
  }

  var leastSize: Int { form.hay == .essay ? 1 : form.keys * form.values }

  private static func draw(_ type: Form.Value, _ draws: inout TaskDraws) -> String {
    switch type {
    case .words: RulerWords.pair(&draws)
    case .numbers: RulerWords.number(&draws)
    case .uuids: RulerWords.uuid(&draws)
    }
  }

  private func needle(_ key: String, _ value: String) -> String {
    "One of the special magic \(form.valueType.rawValue) for \(key) is: \(value)."
  }

  func text(size: Int, _ draws: inout TaskDraws) -> RulerText {
    let keys = RulerWords.distinct(form.keys, &draws) { Self.draw(form.keyType, &$0) }
    let all = RulerWords.distinct(form.keys * form.values, &draws) {
      Self.draw(form.valueType, &$0)
    }
    let values = keys.indices.map { Array(all[$0 * form.values..<($0 + 1) * form.values]) }
    let needles = draws.shuffled(
      keys.indices.flatMap { index in values[index].map { needle(keys[index], $0) } })
    let asked = draws.distinct(form.queries, below: keys.count)
    let context =
      form.hay == .essay
      ? essay(size, needles, &draws) : lines(size, needles, besides: Set(keys), &draws)
    return Self.framed(
      context, form.valueType, queries: asked.map { keys[$0] },
      answers: asked.flatMap { values[$0] })
  }

  /// The needles between sentences of so many words, at depths of 0 to 100 % in steps of a 39th.
  private func essay(_ size: Int, _ needles: [String], _ draws: inout TaskDraws) -> String {
    let sentences = Self.sentences((0..<size).map { essay[$0 % essay.count] })
    let places = draws.distinct(needles.count, below: 40)
      .map { Int((Double($0) * 100 / 39).rounded(.toNearestOrEven)) }
      .map { sentences.count * $0 / 100 }.sorted()
    var parts: [String] = []
    var start = 0
    for (place, needle) in zip(places, needles) {
      parts += [sentences[start..<place].joined(separator: " "), needle]
      start = place
    }
    parts.append(sentences[start...].joined(separator: " "))
    return parts.joined(separator: " ")
  }

  /// Words up to one that a full stop, an exclamation mark or a question mark ends, closing quotes
  /// and brackets aside.
  static func sentences(_ words: [String]) -> [String] {
    var sentences: [String] = []
    var sentence: [String] = []
    for word in words {
      sentence.append(word)
      let last = word.reversed().first { !"\"')]”’».".contains($0) || $0 == "." }
      if let last, ".!?".contains(last) {
        sentences.append(sentence.joined(separator: " "))
        sentence = []
      }
    }
    if !sentence.isEmpty { sentences.append(sentence.joined(separator: " ")) }
    return sentences
  }

  /// The needles between so many lines of hay.
  private func lines(
    _ size: Int, _ needles: [String], besides keys: Set<String>, _ draws: inout TaskDraws
  ) -> String {
    let places = draws.distinct(needles.count, below: size).sorted()
    var lines: [String] = []
    var taken = 0
    for line in 0..<size {
      if taken < places.count, places[taken] == line {
        lines.append(needles[taken])
        taken += 1
      }
      lines.append(form.hay == .noise ? Filler.sentences : otherNeedle(besides: keys, &draws))
    }
    return lines.joined(separator: "\n")
  }

  private func otherNeedle(besides keys: Set<String>, _ draws: inout TaskDraws) -> String {
    var key = Self.draw(form.keyType, &draws)
    while keys.contains(key) { key = Self.draw(form.keyType, &draws) }
    return needle(key, Self.draw(form.valueType, &draws))
  }

  /// Puts RULER's words around a context; they are others where there is one answer.
  static func framed(
    _ context: String, _ valueType: Form.Value, queries: [String], answers: [String]
  ) -> RulerText {
    let type = valueType.rawValue
    let query =
      queries.count > 1
      ? queries.dropLast().joined(separator: ", ") + ", and " + (queries.last ?? "")
      : queries.joined()
    guard answers.count > 1 else {
      let single = String(type.dropLast())
      return RulerText(
        prompt:
          "A special magic \(single) is hidden within the following text. Make sure to memorize "
          + "it. I will quiz you about the \(single) afterwards.\n\(context)\nWhat is the special "
          + "magic \(single) for \(query) mentioned in the provided text?",
        answerPrefix: " The special magic \(single) for \(query) mentioned in the provided text is",
        answers: answers)
    }
    return RulerText(
      prompt:
        "Some special magic \(type) are hidden within the following text. Make sure to memorize "
        + "it. I will quiz you about the \(type) afterwards.\n\(context)\nWhat are all the special "
        + "magic \(type) for \(query) mentioned in the provided text?",
      answerPrefix: " The special magic \(type) for \(query) mentioned in the provided text are",
      answers: answers)
  }
}
