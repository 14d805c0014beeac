import ModelFiles

/// Why a results folder cannot be written or read.
public struct ResultsFolderError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder or the file in question.
  public let path: String
  public let problem: ResultsFolderProblem

  public init(path: String, problem: ResultsFolderProblem) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}

/// What is wrong with a results folder.
public enum ResultsFolderProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Writing failed, in the system's words.
  case cannotWrite(reason: String)
  /// The folder holds another run; `difference` says what differs, as `chunks 19, not 2`.
  case differentRun(difference: String)
  /// Files of ours are there that cannot be told to be this run's.
  case unknownContents(file: String)
  /// The folder is in use for something else.
  case foreignContents(file: String)
  /// A file of that name is nothing that this tool made, and stays.
  case foreignFile(file: String)
  case file(FileProblem)
  case json(JSONError)
  case array(NPZProblem)
  /// A rule of the safetensors format is broken.
  case checkpoint(CheckpointProblem)
  case noArray(String, type: StoredType)
  /// A sound file of the format, but not of ours.
  case notACapture
  case missingField(String)
  case wrongType(field: String, expected: String)
  /// Another version, or no result at all.
  case wrongSchema(String, expected: String)
  /// A field says something that the rest contradicts.
  case inconsistent(field: String, expected: String)
  case wrongShape(array: String, found: [Int], expected: [Int])

  /// Whether writing, rather than reading, failed.
  public var isOutput: Bool {
    switch self {
    case .cannotWrite, .differentRun, .unknownContents, .foreignContents, .foreignFile: true
    default: false
    }
  }

  /// Whether there is no such folder or file.
  public var isMissingInput: Bool { self == .file(.missing) || self == .array(.file(.missing)) }

  public var description: String {
    switch self {
    case .cannotWrite(let reason): "cannot be written: \(reason)"
    case .differentRun(let difference):
      "holds the results of a different run (\(difference)); --force overwrites them"
    case .unknownContents(let file):
      "holds a \(file) that is not known to be of this run; --force overwrites it"
    case .foreignContents(let file):
      "holds no results but other files, such as \(printable(file)); --force writes among them"
    case .foreignFile(let file):
      "holds a \(printable(file)) that is no capture and is not overwritten; name another file"
    case .file(let problem): "\(problem)"
    case .json(let error): "\(error)"
    case .array(let error): "\(error)"
    case .notACapture: "no capture; capture makes one, and so does analyze --capture"
    case .missingField(let field): "'\(field)' is missing"
    case .wrongType(let field, let expected): "'\(field)' is not \(expected)"
    case .wrongSchema(let found, let expected):
      "schema is \(found), not \"\(expected)\""
    case .checkpoint(let problem): "\(problem)"
    case .noArray(let name, let type): "no array \(name) of \(type.name)"
    case .inconsistent(let field, let expected): "'\(field)' should be \(expected)"
    case .wrongShape(let array, let found, let expected):
      "array '\(array)' has the shape \(found), not \(expected)"
    }
  }
}
