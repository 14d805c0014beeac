import AttentionAnalysis
import Inference
import ModelFiles
import Results
import Tokenization

/// What `analyze` was asked to do.
struct AnalyzeOptions: Sendable {
  /// The token between two documents.
  enum Separator: String, Sendable, CaseIterable {
    case none
    case eos
  }

  var model: String
  var corpora: [String]
  /// `nil`: 1024, or what the model's context allows.
  var chunkLength: Int?
  var maxChunks: Int?
  var bos: Chunker.BOS
  var query: QuerySelection
  /// The score that decides which positions are dropped.
  var score: any EvictionScore
  var run: RunOptions
  var separator: Separator
  /// Whether the corpus holds token ids instead of text.
  var readsIDs: Bool
  /// How the corpus's files hold documents.
  var format: CorpusFormat
  /// The member of a JSON record that is its text.
  var textField: String
  /// A prompt to capture beside the run.
  var capture: String?
  /// Bytes that its arrays may take.
  var maxSize: Int
  /// Whether a corpus that is not UTF-8 is refused.
  var isStrict: Bool
  /// `nil`: by the model's name.
  var output: String?
  var force: Bool
  var json: Bool
  var isQuiet: Bool
  /// Whether to say how to repeat the run instead of making it.
  var printsCommand: Bool
  /// As they were given.
  var arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws(UsageError) {
    self.arguments = arguments
    model = arguments.positionals[0]
    corpora = Array(arguments.positionals.dropFirst())
    chunkLength = try arguments.chunkLength()
    maxChunks = try arguments.integer("max-chunks")
    bos = arguments.bos
    query = try arguments.query()
    score = arguments.value("score").flatMap(EvictionScores.named) ?? EvictionScores.paper
    run = try RunOptions(arguments)
    separator = arguments.choice("separator", default: .none)
    readsIDs = arguments.has("ids")
    format = arguments.choice("format", default: .auto)
    textField = arguments.value("text-field") ?? Corpus.usualTextField
    for name in ["format", "text-field"] where readsIDs && arguments.value(name) != nil {
      throw .conflictingOptions("ids", name)
    }
    if format == .text, arguments.value("text-field") != nil {
      throw .conflictingOptions("format text", "text-field")
    }
    capture = arguments.value("capture")
    maxSize = try arguments.captureLimit()
    isStrict = arguments.has("strict")
    output = arguments.value("out")
    force = arguments.has("force")
    json = arguments.has("json")
    isQuiet = arguments.has("quiet")
    printsCommand = arguments.has(OptionSpec.printCommand.name)
  }

  static let specs: [OptionSpec] = [
    .chunkLength,
    .value("max-chunks", "C", "stop after C chunks", default: "all of the corpus"),
    .choice(
      "bos", "put a BOS token in front of every chunk; auto does what the tokenizer does",
      default: Chunker.BOS.auto),
    .value(
      "query", QuerySelection.spellings,
      "the attention rows to measure: of the corpus's next token, of the model's own, of the last "
        + "K, or of every STRIDE-th from 32 on",
      default: "next"),
    .choice(
      "score", EvictionScores.all.map(\.name), "what decides which positions are dropped",
      default: EvictionScores.paper.name),
    .precision,
    .threads,
    .memory,
    .choice("separator", "what stands between documents", default: Separator.none),
    .rope,
    .pre,
    .flag("ids", "read token ids, as tokenize prints them"),
    .choice(
      "format",
      "what files of the corpus hold: one text each, or JSON records; auto goes by "
        + "their names, else by what is in them",
      default: CorpusFormat.auto),
    .value(
      "text-field", "NAME", "the field of a JSON record that is its text, or a list of messages",
      default: "\(Corpus.usualTextField), or \(Corpus.messagesField)"),
    .value(
      "capture", "TEXT",
      "also store attention maps, key norms, keys and values of this prompt, as capture does"),
    .value("max-size", "SIZE", "refuse a larger capture", default: "1G"),
    .flag("strict", "refuse a corpus that is not UTF-8"),
    .path("out", "DIR", "results folder", default: "alr-results/NAME"),
    .flag("force", "overwrite the results of a different run, or write among other files"),
    .flag("json", "print the result as JSON instead of tables"),
    .quiet,
    .printCommand,
  ]
}

extension AnalyzeOptions {
  /// What repeats the run with these options.
  func repeated(
    chunkLength: Int, folder: String, kernels: Kernels, console: Console
  ) -> RepeatedCommand {
    RepeatedCommand(
      of: Command.analyze.spec, arguments,
      positionals: [RepeatedCommand.fullModelPath(model)]
        + corpora.map(RepeatedCommand.fullInputPath),
      values: [
        "chunk-length": "\(chunkLength)", "bos": bos.rawValue, "query": query.description,
        "score": score.name, "memory": "\(BatchMemory(given: run.memory).limit)",
        "separator": separator.rawValue, "max-size": "\(maxSize)",
        "format": readsIDs ? nil : format.rawValue,
        "text-field": readsIDs || format == .text ? nil : textField,
        "out": RepeatedCommand.fullPath(folder),
      ].merging(run.values) { own, _ in own }, kernels: kernels, console: console)
  }
}
