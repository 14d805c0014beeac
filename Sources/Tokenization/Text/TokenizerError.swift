import ModelFiles

/// A tokenizer that cannot be used: the file or folder, and why.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  public let path: String
  public let problem: TokenizerProblem

  public init(path: String, problem: TokenizerProblem) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(printable(path, limit: 300)): \(problem)" }

  /// Whether nothing stands at the path, as opposed to something unusable.
  public var isMissingInput: Bool {
    [.file(.missing), .file(.danglingLink), .notFound].contains(problem)
  }
}

/// Why a vocabulary or a tokenizer file cannot be used.
public enum TokenizerProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case file(FileProblem)
  case notFound
  case onlyTekken
  case gitLFSPointer
  case json(JSONError)
  case missingField(String)
  case wrongType(field: String, expected: String)
  case emptyVocabulary
  case idOutOfRange(piece: String, limit: Int)
  /// An added token whose declared id is another entry's, or not the next one.
  case declaredID(token: String, id: Int)
  case duplicatePiece(String)
  case specialIDOutOfRange(field: String, id: Int)
  case malformedMerge(index: Int)
  case pieceTooLong(limit: Int)
  case malformedCharacterMap
  case malformedModelFile(offset: Int)
  case unknownMergePiece(index: Int, piece: String)
  case unknownUnkToken(String)
  case missingByte(UInt8)
  case unsupported(part: String, value: String)
  case unsupportedPattern(String)
  case unknownPretokenizerName(String, known: [String])
  /// A pre-tokenizer is named for a vocabulary that has none.
  case nothingToSplit(pre: String)
  /// A part of a `tokenizer.json` beyond `PipelineLimits`.
  case tooManyEntries(part: String, limit: Int)
  case growsText(part: String, limit: Int)
  case countMismatch(field: String, count: Int, expected: Int)

  public var description: String {
    switch self {
    case .file(let problem): "\(problem)"
    case .notFound:
      "no tokenizer.json, no vocab.json with merges.txt, and no tokenizer.model"
    case .onlyTekken: "tekken.json alone is not supported; tokenizer.json is needed beside it"
    case .gitLFSPointer:
      "a Git LFS pointer, not the tokenizer: fetch it with \"git lfs pull\""
    case .json(let error): "\(error)"
    case .missingField(let field): "\(field) is missing"
    case .wrongType(let field, let expected): "\(field) must be \(expected)"
    case .emptyVocabulary: "the vocabulary is empty"
    case .idOutOfRange(let piece, let limit):
      "the id of \(Self.quoted(piece)) is not between 0 and \(limit - 1)"
    case .declaredID(let token, let id):
      "added token \(Self.quoted(token)) cannot have id \(id) in this vocabulary"
    case .duplicatePiece(let piece): "piece \(Self.quoted(piece)) occurs twice"
    case .specialIDOutOfRange(let field, let id):
      "\(field) \(id) lies outside the vocabulary"
    case .malformedMerge(let index): "merge \(index) is not a pair of pieces"
    case .pieceTooLong(let limit): "a piece has more than \(limit) bytes"
    case .malformedCharacterMap: "precompiled_charsmap is malformed"
    case .malformedModelFile(let offset): "no SentencePiece model: malformed at byte \(offset)"
    case .unknownMergePiece(let index, let piece):
      "merge \(index) needs \(Self.quoted(piece)), which the vocabulary lacks"
    case .unknownUnkToken(let piece):
      "unk_token \(Self.quoted(piece)) is not in the vocabulary"
    case .missingByte(let byte):
      "byte_fallback with a byte-level vocabulary that lacks byte \(byte)"
    case .unsupported(let part, let value):
      "\(part) \(Self.quoted(value)) is not supported"
    case .unsupportedPattern(let pattern):
      "pre-tokenizer pattern \(Self.quoted(pattern)) is not supported"
    case .unknownPretokenizerName(let name, let known):
      "pre-tokenizer \(Self.quoted(name)) is unknown; known are "
        + known.joined(separator: ", ")
    case .nothingToSplit(let pre):
      "pre-tokenizer \(Self.quoted(pre)) cannot serve a vocabulary of scored pieces, which has none"
    case .tooManyEntries(let part, let limit): "\(part) has more than \(limit) entries"
    case .growsText(let part, let limit):
      "\(part) can make text more than \(limit) times as long"
    case .countMismatch(let field, let count, let expected):
      "\(field) has \(count) entries, the vocabulary \(expected)"
    }
  }

  private static func quoted(_ text: String) -> String { "'\(printable(text, limit: 200))'" }
}
