import Tokenization

/// Which texts a command reads, and how.
struct CorpusOptions: Sendable {
  /// The token between two documents.
  enum Separator: String, Sendable, CaseIterable {
    case none
    case eos
  }

  /// Files, folders, pipes, `-`.
  var paths: [String]
  var maxChunks: Int?
  var bos: Chunker.BOS
  var separator: Separator
  /// Whether the corpus holds token ids instead of text.
  var readsIDs: Bool
  /// How the corpus's files hold documents.
  var format: CorpusFormat
  /// The member of a JSON record that is its text.
  var textField: String
  /// Whether a corpus that is not UTF-8 is refused.
  var isStrict: Bool

  init(
    _ arguments: ParsedArguments, corpora: [String], separator usual: Separator = .none
  ) throws(UsageError) {
    paths = corpora
    maxChunks = try arguments.integer("max-chunks")
    bos = arguments.bos
    separator = arguments.choice("separator", default: usual)
    readsIDs = arguments.has("ids")
    format = arguments.choice("format", default: .auto)
    textField = arguments.value("text-field") ?? Corpus.usualTextField
    for name in ["format", "text-field"] where readsIDs && arguments.value(name) != nil {
      throw .conflictingOptions("ids", name)
    }
    if format == .text, arguments.value("text-field") != nil {
      throw .conflictingOptions("format text", "text-field")
    }
    isStrict = arguments.has("strict")
  }

  /// The values that repeat a run with these options.
  var values: [String: String?] {
    [
      "bos": bos.rawValue, "separator": separator.rawValue,
      "format": readsIDs ? nil : format.rawValue,
      "text-field": readsIDs || format == .text ? nil : textField,
    ]
  }
}

extension OptionSpec {
  static let maxChunks = OptionSpec.value(
    "max-chunks", "C", "stop after C chunks", default: "all of the corpus")
  static let bos = OptionSpec.choice(
    "bos", "put a BOS token in front of every chunk; auto does what the tokenizer does",
    default: Chunker.BOS.auto)
  static func separator(_ usual: CorpusOptions.Separator) -> OptionSpec {
    .choice("separator", "what stands between documents", default: usual)
  }
  static let ids = OptionSpec.flag("ids", "read token ids, as tokenize prints them")
  static let corpusFormat = OptionSpec.choice(
    "format",
    "what files of the corpus hold: one text each, or JSON records; auto goes by "
      + "their names, else by what is in them",
    default: CorpusFormat.auto)
  static let textField = OptionSpec.value(
    "text-field", "NAME", "the field of a JSON record that is its text, or a list of messages",
    default: "\(Corpus.usualTextField), or \(Corpus.messagesField)")
  static let strict = OptionSpec.flag("strict", "refuse a corpus that is not UTF-8")
}
