import ModelFiles
import Tokenization

/// The synthetic tasks of RULER (Hsieh et al., COLM 2024, arXiv 2404.06654) but for the questions
/// about SQuAD and HotpotQA, which need those datasets.
///
/// Templates, counts and scores are RULER's. Three things differ, so that nothing has to be fetched:
/// essays are any text that is given, where it has Paul Graham's; words are made up of syllables or,
/// in the list of common words, taken from the essay as far as there is one and it has as many, where
/// it draws from the lists of a package; and sentences of essays end at `.`, `!` and `?` before white
/// space, where it asks NLTK. Seed and numbers come from SplitMix64.
///
/// Length counts the prompt, chat template included, and the tokens of the answer, as RULER's does.
/// The text is the longest of whole words, sentences or needles that fits.
public struct Ruler: EvaluationTask {
  public static let name = "ruler"
  public static let axes = ["task", "length"]
  /// Per cent of the expected answers that the response contains: RULER's `string_match_all`.
  public static let scores: [(name: String, most: Double)] = [("match", 100)]

  /// RULER's own names of its tasks.
  public enum Kind: String, Sendable, CaseIterable {
    case single1 = "niah_single_1"
    case single2 = "niah_single_2"
    case single3 = "niah_single_3"
    case multikey1 = "niah_multikey_1"
    case multikey2 = "niah_multikey_2"
    case multikey3 = "niah_multikey_3"
    case multivalue = "niah_multivalue"
    case multiquery = "niah_multiquery"
    case variableTracking = "vt"
    case commonWords = "cwe"
    case frequentWords = "fwe"

    /// - Throws: `TaskError.noSuchTask`.
    public static func named(_ name: String) throws(TaskError) -> Kind {
      guard let kind = Kind(rawValue: name) else {
        throw .noSuchTask(name, known: allCases.map(\.rawValue))
      }
      return kind
    }

    /// Whether it hides its needles in an essay.
    public var needsEssay: Bool {
      RulerNeedles.Form(self)?.hay == .essay
    }
  }

  public struct Options: Sendable, Equatable {
    public var kinds: [Kind]
    /// Tokens of prompt and answer.
    public var lengths: [Int]
    /// Questions of each kind and length.
    public var samples: Int
    public var seed: UInt64

    /// RULER itself has 500 samples.
    public init(
      kinds: [Kind] = Kind.allCases, lengths: [Int] = [4096], samples: Int = 50, seed: UInt64 = 42
    ) {
      self.kinds = kinds
      self.lengths = lengths
      self.samples = samples
      self.seed = seed
    }
  }

  public var options: Options
  /// What needles are hidden in where the task has an essay; repeated as needed.
  public var essay: String?

  public init(essay: String? = nil, options: Options = Options()) {
    self.essay = essay
    self.options = options
  }

  public func items(_ encoder: PromptEncoder) throws(TaskError) -> [TaskItem] {
    let lengths = options.lengths.filter(encoder.holds)
    guard !lengths.isEmpty else { throw .noLengths(task: Self.name) }
    var items: [TaskItem] = []
    for kind in options.kinds {
      for length in lengths {
        let form = try form(kind, length: length, encoder)
        var fit = RulerFit(kind, form: form, length: length, encoder: encoder)
        for sample in 0..<max(options.samples, 0) {
          let text = try fit.text(sample: sample, seed: options.seed)
          items.append(
            TaskItem(
              id: "\(kind.rawValue).\(length).\(sample)",
              coordinates: [
                .init("task", .string(kind.rawValue)), .init("length", .int(length)),
                .init("sample", .int(sample)), .init("size", .int(fit.size)),
                .init("tokens", .int(fit.tokens)),
              ],
              prompt: text.prompt, answerPrefix: text.answerPrefix,
              maxNewTokens: form.maxNewTokens, answers: text.answers))
        }
      }
    }
    return items
  }

  private func form(
    _ kind: Kind, length: Int, _ encoder: PromptEncoder
  ) throws(TaskError) -> any RulerForm {
    switch kind {
    case .variableTracking:
      return try RulerVariables(exampleTokens: RulerVariables.exampleTokens, encoder)
    case .commonWords:
      return RulerCommonWords(length: length, words: RulerWords.ofText(essay ?? ""))
    case .frequentWords: return RulerFrequentWords(length: length)
    default:
      guard kind.needsEssay else { return RulerNeedles(kind, essay: []) }
      let words = MetricWords.split((essay ?? "").unicodeScalars)
      guard !words.isEmpty else { throw .noEssay(task: kind.rawValue) }
      return RulerNeedles(kind, essay: words.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  public func scores(of response: TaskResponse, to item: TaskItem) -> [TaskScore] {
    [TaskScore("match", 100 * StringMatch.all(response.text, item.answers))]
  }
}

/// One question of RULER.
struct RulerText: Sendable, Equatable {
  var prompt: String
  var answerPrefix: String
  var answers: [String]
}

/// A kind of question, of any size.
protocol RulerForm: Sendable {
  var maxNewTokens: Int { get }
  /// The smallest number of parts that a question can be made of.
  var leastSize: Int { get }

  /// A question among so many parts: words, sentences or needles. Larger ones have more tokens.
  func text(size: Int, _ draws: inout TaskDraws) -> RulerText
}

/// Finds how many parts a question of a length has room for.
struct RulerFit {
  let form: any RulerForm
  let length: Int
  let encoder: PromptEncoder
  /// Parts of the question that came last, and its tokens.
  private(set) var size = 0
  private(set) var tokens = 0
  /// The most parts that the first sample had room for.
  private var most: Int?

  /// What makes the lots of each kind its own.
  private let kind: Int

  init(_ kind: Ruler.Kind, form: any RulerForm, length: Int, encoder: PromptEncoder) {
    self.kind = Ruler.Kind.allCases.firstIndex(of: kind) ?? 0
    self.form = form
    self.length = length
    self.encoder = encoder
  }

  /// The question of a sample: of as many parts as the first one had room for, less where its own
  /// words take more tokens.
  ///
  /// - Throws: `TaskError.lengthTooShort`.
  mutating func text(sample: Int, seed: UInt64) throws(TaskError) -> RulerText {
    if let most { size = most } else { size = try search(sample: sample, seed: seed) }
    most = size
    while true {
      let (text, count) = try measure(size, sample: sample, seed: seed)
      tokens = count
      if count + form.maxNewTokens <= length { return text }
      guard size > form.leastSize else { throw tooShort(count) }
      let excess = count + form.maxNewTokens - length
      size = max(form.leastSize, size - max(1, size * excess / max(count, 1)))
    }
  }

  private func tooShort(_ count: Int) -> TaskError {
    .lengthTooShort(task: Ruler.name, length: length, needed: count + form.maxNewTokens)
  }

  private func measure(
    _ size: Int, sample: Int, seed: UInt64
  ) throws(TaskError) -> (text: RulerText, tokens: Int) {
    var draws = TaskDraws(seed: seed, kind, length, sample)
    let text = form.text(size: size, &draws)
    return (text, try encoder.count(text.prompt, answerPrefix: text.answerPrefix))
  }

  private func search(sample: Int, seed: UInt64) throws(TaskError) -> Int {
    func fits(_ size: Int) throws(TaskError) -> Bool {
      try measure(size, sample: sample, seed: seed).tokens + form.maxNewTokens <= length
    }
    let low = form.leastSize
    let least = try measure(low, sample: sample, seed: seed).tokens
    guard least + form.maxNewTokens <= length else { throw tooShort(least) }
    // A part has a token at least.
    let search = LargestFit(
      task: Ruler.name, low: low, high: low * 2, bound: max(length, low * 2))
    return try search.find(fits)
  }
}
