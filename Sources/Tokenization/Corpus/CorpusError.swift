import ModelFiles

/// Why a corpus cannot be used.
public enum CorpusError: Error, Sendable, Equatable, CustomStringConvertible {
  case file(path: String, FileProblem)
  /// A device, a socket or a folder, where a file or a pipe is needed.
  case special(path: String, SpecialFile)
  /// A file became shorter while it was read.
  case cutShort(path: String)
  /// What begins as a gzip file and does not go on as one.
  case damaged(path: String, Damage)
  /// What is known to be no UTF-8 text.
  case foreign(path: String, ForeignFormat)
  /// A folder without texts.
  case noTextFiles(folder: String, leftOut: LeftOut)
  case invalidUTF8(path: String, offset: Int)
  /// A file of something else: it holds NUL bytes, or most of it is ill-formed.
  case notText(path: String, holdsNUL: Bool)
  case json(path: String, line: Int, JSONError)
  /// `found` are the first names of the record's members.
  case missingText(path: String, line: Int, field: String, found: [String])
  /// A JSON record that is longer than any text.
  case recordTooLong(path: String, line: Int, limit: Int)
  /// A text that has to be read as a whole and is longer than that.
  case tooLong(path: String, limit: Int)
  /// A document that cannot be cut where its ids stay the same, be it because its tokenizer can cut
  /// no text.
  case uncut(path: String, limit: Int, isTokenizer: Bool)
  /// Without a number of chunks no more tokens than these are read.
  case tooManyTokens(limit: Int)
  /// The user asked to stop.
  case interrupted

  /// What is wrong with a packed file.
  public enum Damage: String, Sendable, Equatable {
    case ends = "the gzip data end early"
    case checksum = "the gzip data are damaged"
    case trailing = "something else follows the gzip data"
    case memory = "no memory to unpack it"
  }

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
    case .special(let path, let kind):
      "\(Corpus.shownPath(path)): \(kind.rawValue), neither a file nor a pipe"
    case .cutShort(let path): "\(Corpus.shownPath(path)): became shorter while it was read"
    case .damaged(let path, let damage): "\(Corpus.shownPath(path)): \(damage.rawValue)"
    case .foreign(let path, let format): "\(Corpus.shownPath(path)): \(format.advice)"
    case .file(let path, .unreadable(let reason)): "\(path): cannot be read: \(reason)"
    case .noTextFiles(let folder, let leftOut):
      "\(folder): holds no .txt, .md, .jsonl or .ndjson file"
        + (leftOut.entries.isEmpty ? "" : "; left out: \(leftOut.description)")
    case .invalidUTF8(let path, let offset):
      "\(Corpus.shownPath(path)): not UTF-8 at byte \(offset)"
    case .notText(let path, let holdsNUL):
      "\(Corpus.shownPath(path)): not a text: "
        + (holdsNUL ? "it holds NUL bytes" : "most of it is not UTF-8")
    case .json(let path, let line, let error): "\(Corpus.shownPath(path)), line \(line): \(error)"
    case .missingText(let path, let line, let field, let found):
      "\(Corpus.shownPath(path)), line \(line): not an object with a string "
        + "'\(printable(field, limit: 40))'" + Self.fields(found)
    case .recordTooLong(let path, let line, let limit):
      "\(Corpus.shownPath(path)), line \(line): a record of more than \(limit >> 20) MiB; "
        + "--format text reads the file as one text"
    case .tooLong(let path, let limit):
      "\(Corpus.shownPath(path)): a text of more than \(limit >> 20) MiB"
    case .uncut(let path, let limit, let isTokenizer):
      "\(Corpus.shownPath(path)): "
        + (isTokenizer
          ? "a text of more than \(limit >> 20) MiB, which this tokenizer cannot read in parts: "
            + "split it into several files"
          : "\(limit >> 20) MiB without a place where text can be cut: no running text")
    case .tooManyTokens(let limit):
      "the corpus holds more than \(limit) tokens; say with --max-chunks how many chunks to take"
    case .interrupted: "interrupted; nothing was written"
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

  private static func fields(_ names: [String]) -> String {
    let list = names.map { printable($0, limit: 40) }.joined(separator: ", ")
    return names.isEmpty
      ? "; --format text reads the file as it is"
      : "; it has \(list): --text-field says which, --format text reads the file as it is"
  }

  private static func named(_ place: Place) -> String {
    "\(Corpus.shownPath(place.path)), line \(place.line), column \(place.column)"
  }

  /// Whether nothing stands at the path, as opposed to something unusable.
  public var isMissingInput: Bool {
    if case .file(_, .missing) = self { return true }
    if case .file(_, .danglingLink) = self { return true }
    return false
  }
}
