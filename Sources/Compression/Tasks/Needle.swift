import ModelFiles
import Tokenization

/// Needle in a haystack (Kamradt, 2023): a sentence put into a long text, and a question that it
/// answers.
///
/// The haystack is any text, repeated as needed and cut to the length without 200 tokens and the
/// needle's. The needle goes in at `int(length · depth)` tokens, moved back to just behind a full
/// stop, or to the beginning where none comes before; at 100 % it stands at the end.
///
/// A full stop is a token that is one but for white space, as in the authors' code: "3.5" and "Mr."
/// may have one, as there.
public struct Needle: EvaluationTask {
  public static let name = "needle"
  public static let axes = ["length", "depth"]
  /// `recall` is the share of the expected answer's distinct lower-cased words that are words of the
  /// response. `rouge_1` is ROUGE-1's F measure against that answer, with Porter's stems.
  public static let scores: [(name: String, most: Double)] = [("recall", 1), ("rouge_1", 1)]

  public struct Options: Sendable, Equatable {
    /// Tokens of haystack, needle and 200 for the question.
    public var lengths: [Int]
    /// Per cent of the haystack before the needle.
    public var depths: [Int]
    public var needle: String
    public var question: String
    public var answer: String
    /// With the places `{context}` and `{question}`.
    public var template: PromptTemplate
    public var maxNewTokens: Int

    /// The paper's grid, and the questions of Kamradt's test.
    public init(
      lengths: [Int] = paperLengths, depths: [Int] = paperDepths, needle: String = usualNeedle,
      question: String = usualQuestion, answer: String = usualAnswer,
      template: PromptTemplate = usualTemplate, maxNewTokens: Int = 50
    ) {
      self.lengths = lengths
      self.depths = depths
      self.needle = needle
      self.question = question
      self.answer = answer
      self.template = template
      self.maxNewTokens = maxNewTokens
    }
  }

  /// 40 lengths evenly spaced from 1000 to 128000, rounded.
  public static let paperLengths = (0..<40).map {
    Int((1000 + Double($0) * 127_000 / 39).rounded(.toNearestOrEven))
  }
  public static let paperDepths = [0, 11, 22, 33, 44, 56, 67, 78, 89, 100]
  public static let usualNeedle =
    "\nThe best thing to do in San Francisco is eat a sandwich and sit in Dolores Park on a sunny "
    + "day.\n"
  public static let usualQuestion = "What is the best thing to do in San Francisco?"
  public static let usualAnswer = "eat a sandwich and sit in Dolores Park on a sunny day."
  public static let usualTemplate = PromptTemplate(
    own: "<|im_start|> This is a very long story book: <book> {context} </book>.\n Based on the "
      + "content of the book, Question: {question}\nAnswer:")
  /// Tokens that a length leaves to the question and the answer.
  static let buffer = 200

  public var options: Options
  /// The text that the needle is put into.
  public var haystack: String

  public init(haystack: String, options: Options = Options()) {
    self.haystack = haystack
    self.options = options
  }

  public func items(_ encoder: PromptEncoder) throws(TaskError) -> [TaskItem] {
    let tokenizer = encoder.tokenizer
    let lengths = options.lengths.filter(encoder.holds)
    guard let longest = lengths.max() else { throw .noLengths(task: Self.name) }
    // Where the text is repeated a line ends.
    let text = haystack.hasSuffix("\n") ? haystack : haystack + "\n"
    let straw = tokenizer.encode(text, limit: longest)
    let stops = Set(straw).filter { Self.isFullStop($0, tokenizer) }
    guard straw.contains(where: stops.contains) else {
      throw .haystackWithoutSentence(characters: haystack.count)
    }
    let needle = tokenizer.encode(options.needle)
    var items: [TaskItem] = []
    for length in lengths {
      let count = length - Self.buffer - needle.count
      guard count > 0 else {
        throw .lengthTooShort(
          task: Self.name, length: length, needed: Self.buffer + needle.count + 1)
      }
      let hay = (0..<count).map { straw[$0 % straw.count] }
      for depth in options.depths {
        let place = Self.place(in: hay, depth: depth, stops: stops)
        let context = tokenizer.decode(Array(hay[..<place]) + needle + Array(hay[place...]))
        let prompt = options.template.filled(["context": context, "question": options.question])
        items.append(
          TaskItem(
            id: "\(length).\(depth)",
            coordinates: [
              .init("length", .int(length)), .init("depth", .int(depth)),
              .init("place", .int(place)),
              .init("tokens", .int(try encoder.count(prompt))),
            ],
            prompt: prompt, maxNewTokens: options.maxNewTokens, answers: [options.answer]))
      }
    }
    return items
  }

  /// How many tokens of the haystack stand before the needle.
  static func place(in hay: [Int32], depth: Int, stops: Set<Int32>) -> Int {
    guard depth < 100 else { return hay.count }
    var place = hay.count * max(depth, 0) / 100
    while place > 0, !stops.contains(hay[place - 1]) { place -= 1 }
    return place
  }

  private static func isFullStop(_ id: Int32, _ tokenizer: Tokenizer) -> Bool {
    guard let bytes = tokenizer.bytes(of: id), !tokenizer.isSpecial(id) else { return false }
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    return scalars.filter { !MetricWords.isSpace($0) }.elementsEqual(".".unicodeScalars)
  }

  public func scores(of response: TaskResponse, to item: TaskItem) -> [TaskScore] {
    let answer = item.answers.first ?? ""
    return [
      TaskScore("recall", WordRecall.score(response.text, answer)),
      TaskScore("rouge_1", Rouge.one(response.text, answer, stemming: true)),
    ]
  }
}
