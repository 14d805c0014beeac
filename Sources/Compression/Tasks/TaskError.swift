import ModelFiles
import Tokenization

/// Why a task has no questions to ask.
public enum TaskError: Error, Sendable, Equatable, CustomStringConvertible {
  case chat(ChatError)
  case corpus(CorpusError)
  /// A line of a benchmark's file that is no record of it, counted from 1.
  case record(path: String, line: Int, RecordProblem)
  case emptyFile(path: String)
  /// A haystack in which no sentence ends.
  case haystackWithoutSentence(characters: Int)
  /// An essay is needed and none was given.
  case noEssay(task: String)
  case template(TemplateProblem)
  /// A length that not even the smallest question of the task fits into.
  case lengthTooShort(task: String, length: Int, needed: Int)
  case noLengths(task: String)
  /// A question that grows without its tokens growing.
  case countlessText(task: String, size: Int)
  case noSuchTask(String, known: [String])
  /// An answer that the tokenizer makes no ids of.
  case unwritableAnswer(String)

  /// What is wrong with a line.
  public enum RecordProblem: Error, Sendable, Equatable {
    case json(JSONError)
    case notAnObject
    case missing(field: String)
    case wrongType(field: String, expected: String)
    case noAnswers
    case unknownSubset(String, known: [String])
  }

  /// What is wrong with a prompt template.
  public enum TemplateProblem: Sendable, Equatable {
    case unknownPlaceholder(String, known: [String])
    case missingPlaceholder(String)
    /// A brace without its other half; `{{` and `}}` stand for braces.
    case loneBrace(character: Int)
  }

  public var description: String {
    switch self {
    case .chat(let error): error.description
    case .corpus(let error): error.description
    case .record(let path, let line, let problem): "\(path), line \(line): \(problem.description)"
    case .emptyFile(let path): "\(path): holds no record"
    case .haystackWithoutSentence(let characters):
      "the haystack is shorter than a sentence: no full stop ends one in its "
        + "\(characters) characters"
    case .noEssay(let task): "\(task) hides its needles in an essay: a text is needed"
    case .template(let problem): "the prompt template \(problem.description)"
    case .lengthTooShort(let task, let length, let needed):
      "\(task): a question needs at least \(needed) tokens, its answer included, and \(length) are "
        + "asked for"
    case .noLengths(let task): "\(task): none of the lengths is within the model's range"
    case .countlessText(let task, let size):
      "\(task): the tokenizer makes so few tokens of the question's filler that \(size) parts of it "
        + "do not reach the length"
    case .noSuchTask(let name, let known):
      "no task is called '\(printable(name, limit: 40))'; there are \(known.joined(separator: ", "))"
    case .unwritableAnswer(let answer):
      "the tokenizer makes no tokens of '\(printable(answer, limit: 40))'"
    }
  }

  /// Whether nothing stands at a path, as opposed to something unusable.
  public var isMissingInput: Bool {
    if case .corpus(let error) = self { error.isMissingInput } else { false }
  }
}

extension TaskError.RecordProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .json(let error): error.description
    case .notAnObject: "not an object"
    case .missing(let field): "no field '\(field)'"
    case .wrongType(let field, let expected): "'\(field)' is not \(expected)"
    case .noAnswers: "'answers' is empty"
    case .unknownSubset(let name, let known):
      "unknown dataset '\(printable(name, limit: 40))'; known are "
        + known.joined(separator: ", ") + ", others need a prompt template"
    }
  }
}

extension TaskError.TemplateProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownPlaceholder(let name, let known):
      "has {\(printable(name, limit: 40))}; there are "
        + known.map { "{\($0)}" }.joined(separator: ", ")
    case .missingPlaceholder(let name): "lacks {\(name)}"
    case .loneBrace(let character):
      "has a brace without its other half at character \(character); {{ and }} stand for braces"
    }
  }
}
