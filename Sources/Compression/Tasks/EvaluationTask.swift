import ModelFiles
import Tokenization

/// One question to a model, and what is expected of its answer.
public struct TaskItem: Sendable, Equatable {
  /// Names the item among those of its task, in letters, digits, dots, dashes and underscores.
  public var id: String
  /// Where it stands in tables: length, depth, subset, sample, … in a fixed order for each task.
  public var coordinates: [JSONValue.Member]
  /// The text of the question, with everything that it is about.
  public var prompt: String
  /// What the answer begins with; behind the header of the answer where there is a chat template.
  public var answerPrefix: String
  /// Tokens to be generated at most.
  public var maxNewTokens: Int
  /// Texts that are right, of which some tasks want one and some want all.
  public var answers: [String]
  /// Ids that a right answer begins with; empty where the text decides.
  public var answerIDs: [Int32]

  public init(
    id: String, coordinates: [JSONValue.Member], prompt: String, answerPrefix: String = "",
    maxNewTokens: Int, answers: [String], answerIDs: [Int32] = []
  ) {
    self.id = id
    self.coordinates = coordinates
    self.prompt = prompt
    self.answerPrefix = answerPrefix
    self.maxNewTokens = maxNewTokens
    self.answers = answers
    self.answerIDs = answerIDs
  }
}

/// One number that an answer is given.
public struct TaskScore: Sendable, Equatable {
  /// In lower case with underscores, for tables.
  public var name: String
  public var value: Double

  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// What a model generated for an item: the new tokens alone.
public struct TaskResponse: Sendable, Equatable {
  /// Without the token that ended it.
  public var ids: [Int32]
  /// Their text without special tokens.
  public var text: String

  public init(ids: [Int32], text: String) {
    self.ids = ids
    self.text = text
  }

  /// Decodes what was generated, up to the first of the tokens that end an answer.
  public init(generated: [Int32], ends: Set<Int32>, tokenizer: Tokenizer) {
    ids = Array(generated.prefix { !ends.contains($0) })
    text = tokenizer.decode(ids, skippingSpecialTokens: true)
  }
}

/// Questions of one kind, and how answers to them are scored.
///
/// Items depend on the options, the tokenizer and nothing else: a run may be taken up again, and
/// others may have it too.
public protocol EvaluationTask: Sendable {
  /// As `evaluate` spells it.
  static var name: String { get }
  /// Which coordinates of its items make the cells of a table; what else items have is averaged over.
  static var axes: [String] { get }
  /// The names of the scores, the one that stands for the task first, and what each may reach.
  static var scores: [(name: String, most: Double)] { get }

  /// The questions, ordered by their coordinates.
  ///
  /// What would not fit into the encoder's range is left out.
  ///
  /// - Throws: `TaskError`.
  func items(_ encoder: PromptEncoder) throws(TaskError) -> [TaskItem]

  /// What an answer is worth: scores of `Self.scores`, those that the item has, in that order.
  func scores(of response: TaskResponse, to item: TaskItem) -> [TaskScore]
}
