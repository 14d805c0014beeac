import ModelFiles
import Tokenization

/// Questions about long documents (Bai et al., "LongBench", ACL 2024, arXiv 2308.14508), from the
/// benchmark's own JSONL files.
///
/// The file is the user's; nothing is fetched. Prompts longer than the model's range lose their
/// middle (`PromptEncoder.ids(of:)`).
public struct LongBench: EvaluationTask {
  public static let name = "longbench"
  public static let axes = ["subset"]
  /// Per cent: `f1` of questions, `rouge_l` of queries about meetings; an item has one of them.
  public static let scores: [(name: String, most: Double)] = [("f1", 100), ("rouge_l", 100)]

  /// What answers are compared by.
  public enum Metric: String, Sendable, CaseIterable {
    /// `AnswerF1`.
    case f1
    /// `SentenceRouge`.
    case rougeL = "rouge_l"
  }

  public struct Options: Sendable, Equatable {
    /// Takes the place of the benchmark's own templates; with `{context}`, and `{input}` if wanted.
    /// Records of any dataset can be used with it.
    public var template: PromptTemplate?
    /// Takes the place of the benchmark's own numbers.
    public var maxNewTokens: Int?
    /// Of each dataset the first so many records; `nil` for all.
    public var limit: Int?

    public init(template: PromptTemplate? = nil, maxNewTokens: Int? = nil, limit: Int? = nil) {
      self.template = template
      self.maxNewTokens = maxNewTokens
      self.limit = limit
    }
  }

  public let records: [LongBenchRecord]
  public var options: Options

  /// Takes records that were read.
  public init(_ records: [LongBenchRecord], options: Options = Options()) {
    self.records = records
    self.options = options
  }

  /// Reads files of the benchmark.
  ///
  /// - Throws: `TaskError`, `.record` with file and line for a line that is broken or, without a
  ///   template, of a dataset that is not among `LongBenchSubset.all`.
  public init(paths: [String], options: Options = Options()) throws(TaskError) {
    var records: [LongBenchRecord] = []
    for path in paths {
      records += try LongBenchRecord.read(path, allowsOthers: options.template != nil)
    }
    self.init(records, options: options)
  }

  public func items(_ encoder: PromptEncoder) throws(TaskError) -> [TaskItem] {
    var counts: [String: Int] = [:]
    var items: [TaskItem] = []
    for record in records {
      let name = Self.plain(record.dataset)
      let index = counts[name, default: 0]
      counts[name] = index + 1
      if let limit = options.limit, index >= limit { continue }
      let subset = LongBenchSubset.named(record.dataset) ?? .other
      let template = options.template ?? subset.template
      items.append(
        TaskItem(
          id: "\(name).\(index)",
          coordinates: [
            .init("subset", .string(record.dataset)), .init("index", .int(index)),
            .init("record", .string(record.id)), .init("words", JSONValue(record.length)),
          ],
          prompt: template.filled(["context": record.context, "input": record.input]),
          maxNewTokens: options.maxNewTokens ?? subset.maxNewTokens, answers: record.answers))
    }
    return items
  }

  /// A name without what an item's must not have.
  private static func plain(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" ? $0 : "_" })
  }

  /// The best of the scores against each answer, times 100.
  public func scores(of response: TaskResponse, to item: TaskItem) -> [TaskScore] {
    let dataset = item.coordinates.first { $0.key == "subset" }?.value
    var subset = LongBenchSubset.other
    if case .string(let name)? = dataset { subset = LongBenchSubset.named(name) ?? .other }
    let scores = item.answers.map { answer in
      switch subset.metric {
      case .f1: AnswerF1.score(response.text, answer)
      case .rougeL: SentenceRouge.longest(response.text, answer)
      }
    }
    return [TaskScore(subset.metric.rawValue, 100 * (scores.max() ?? 0))]
  }
}

/// What the benchmark's configuration says of a dataset.
public struct LongBenchSubset: Sendable {
  public let name: String
  public let maxNewTokens: Int
  public let metric: LongBench.Metric
  /// With the places `{context}` and `{input}`.
  public let template: PromptTemplate

  private init(_ name: String, _ maxNewTokens: Int, _ metric: LongBench.Metric, _ text: String) {
    self.name = name
    self.maxNewTokens = maxNewTokens
    self.metric = metric
    template = PromptTemplate(own: text)
  }

  /// The dataset of that name.
  public static func named(_ name: String) -> LongBenchSubset? { all.first { $0.name == name } }

  /// How records of a dataset that is none of these are asked and scored where only a template is
  /// given.
  static let other = LongBenchSubset("other", 128, .f1, "{context}\n\n{input}")

  private static let passages =
    "Answer the question based on the given passages. Only give me the answer and do not output any "
    + "other words."
  private static let unanswerable =
    "If the question cannot be answered based on the information in the article, write "
    + "\"unanswerable\". If the question is a yes/no question, answer \"yes\", \"no\", or "
    + "\"unanswerable\". Do not provide any explanation."
  private static let multiHop =
    "\(passages)\n\nThe following are given passages.\n{context}\n\n\(passages)\n\n"
    + "Question: {input}\nAnswer:"

  /// The five that the paper runs.
  public static let all = [
    // "asconcisely" is the benchmark's.
    LongBenchSubset(
      "narrativeqa", 128, .f1,
      "You are given a story, which can be either a novel or a movie script, and a question. Answer "
        + "the question asconcisely as you can, using a single phrase if possible. Do not provide "
        + "any explanation.\n\nStory: {context}\n\nNow, answer the question based on the story "
        + "asconcisely as you can, using a single phrase if possible. Do not provide any "
        + "explanation.\n\nQuestion: {input}\n\nAnswer:"),
    LongBenchSubset(
      "qasper", 128, .f1,
      "You are given a scientific article and a question. Answer the question as concisely as you "
        + "can, using a single phrase or sentence if possible. \(unanswerable)\n\nArticle: {context}"
        + "\n\n Answer the question based on the above article as concisely as you can, using a "
        + "single phrase or sentence if possible. \(unanswerable)\n\nQuestion: {input}\n\nAnswer:"),
    LongBenchSubset("hotpotqa", 32, .f1, multiHop),
    LongBenchSubset("2wikimqa", 32, .f1, multiHop),
    LongBenchSubset(
      "qmsum", 512, .rougeL,
      "You are given a meeting transcript and a query containing a question or instruction. Answer "
        + "the query in one or more sentences.\n\nTranscript:\n{context}\n\nNow, answer the query "
        + "based on the above meeting transcript in one or more sentences.\n\nQuery: {input}\n"
        + "Answer:"),
  ]
}
