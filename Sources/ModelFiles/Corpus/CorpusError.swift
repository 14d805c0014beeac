/// Why a corpus cannot be used.
public enum CorpusError: Error, Sendable, Equatable, CustomStringConvertible {
  case file(path: String, FileProblem)
  /// A folder without `.txt`, `.md` or `.jsonl` files.
  case noTextFiles(folder: String)
  case invalidUTF8(path: String, offset: Int)
  /// A file of something else: it holds NUL bytes, or most of it is ill-formed.
  case notText(path: String, holdsNUL: Bool)
  case json(path: String, line: Int, JSONError)
  case missingText(path: String, line: Int)
  /// Where in a corpus of token ids, counted from 1, columns in bytes.
  public struct Place: Sendable, Equatable {
    public var path: String
    public var line: Int
    public var column: Int

    public init(path: String, line: Int, column: Int) {
      (self.path, self.line, self.column) = (path, line, column)
    }
  }
  case malformedID(String, at: Place)
  case idOutsideVocabulary(String, vocabulary: Int, at: Place)
  case empty
  /// `fitting` is the greatest chunk length that the corpus has a chunk of; `nil` where none is.
  case tooShort(tokens: Int, needed: Int, fitting: Int?)
  /// Documents are to be kept apart by EOS and the tokenizer has none.
  case noEOS
  /// A BOS is asked for and the tokenizer has none.
  case noBOS

  public var description: String {
    switch self {
    case .file(let path, .missing): "\(path): no such file"
    case .file(let path, .danglingLink): "\(path): \(FileProblem.danglingLink)"
    case .file(let path, .notARegularFile): "\(path): neither a file nor a pipe"
    case .file(let path, .unreadable(let reason)): "\(path): cannot be read: \(reason)"
    case .noTextFiles(let folder): "\(folder): holds no .txt, .md or .jsonl file"
    case .invalidUTF8(let path, let offset): "\(path): not UTF-8 at byte \(offset)"
    case .notText(let path, let holdsNUL):
      "\(path): not a text: " + (holdsNUL ? "it holds NUL bytes" : "most of it is not UTF-8")
    case .json(let path, let line, let error): "\(path), line \(line): \(error)"
    case .missingText(let path, let line):
      "\(path), line \(line): not an object with a string 'text'"
    case .malformedID(let word, let place):
      "\(Self.named(place)): '\(printable(word, limit: 40))' is no token id"
    case .idOutsideVocabulary(let word, let vocabulary, let place):
      "\(Self.named(place)): token id \(word) is outside the model's vocabulary of \(vocabulary)"
    case .empty: "the corpus holds no text"
    case .tooShort(let tokens, let needed, let fitting):
      "the corpus is too short: \(tokens) tokens, and one chunk needs \(needed)"
        + (fitting.map { "; --chunk-length \($0) would fit" } ?? "")
    case .noEOS: "the tokenizer has no end-of-sequence token to put between documents"
    case .noBOS: "the tokenizer has no beginning-of-sequence token"
    }
  }

  private static func named(_ place: Place) -> String {
    "\(place.path), line \(place.line), column \(place.column)"
  }

  /// Whether nothing stands at the path, as opposed to something unusable.
  public var isMissingInput: Bool {
    if case .file(_, .missing) = self { return true }
    if case .file(_, .danglingLink) = self { return true }
    return false
  }
}
