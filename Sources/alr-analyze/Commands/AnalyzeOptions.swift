import AttentionAnalysis
import Inference
import ModelFiles
import Results
import Tokenization

/// What `analyze` was asked to do.
struct AnalyzeOptions: Sendable {
  var model: String
  var corpus: CorpusOptions
  /// `nil`: 1024, or what the model's context allows.
  var chunkLength: Int?
  var query: QuerySelection
  /// The score that decides which positions are dropped.
  var score: any EvictionScore
  /// Whether to measure how far dropping moves the layers' outputs.
  var hasOutputError: Bool
  var run: RunOptions
  /// The error of every layer's ratio below which chunks may end; `nil` where all are measured.
  var stableError: Double?
  /// A prompt to capture beside the run.
  var capture: String?
  /// Bytes that its arrays may take.
  var maxSize: Int
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
    corpus = try CorpusOptions(arguments, corpora: Array(arguments.positionals.dropFirst()))
    chunkLength = try arguments.chunkLength()
    query = try arguments.query()
    score = arguments.value("score").flatMap(EvictionScores.named) ?? EvictionScores.paper
    hasOutputError = arguments.has("output-error")
    run = try RunOptions(arguments)
    stableError = try arguments.number("until-stable", in: 0...2)
    if stableError == 0 {
      throw .invalidValue(
        option: "until-stable", value: arguments.value("until-stable") ?? "",
        expected: "a number above 0, below which the error of every layer's ratio shall fall")
    }
    capture = arguments.value("capture")
    maxSize = try arguments.captureLimit()
    output = arguments.value("out")
    force = arguments.has("force")
    json = arguments.has("json")
    isQuiet = arguments.has("quiet")
    printsCommand = arguments.has(OptionSpec.printCommand.name)
  }

  static let query = OptionSpec.value(
    "query", QuerySelection.spellings,
    "the attention rows to measure: of the corpus's next token, of the model's own, of the last "
      + "K, or of every STRIDE-th from 32 on",
    default: "next")

  static let specs: [OptionSpec] = [
    .chunkLength,
    .maxChunks,
    OptionSpec.value(
      "until-stable", "ERROR",
      "stop once the recommendation stays as it was \(StableRun.interval) chunks before and the "
        + "error of every layer's ratio is below ERROR; 0.05 where none is given"
    ).implying("0.05"),
    .bos,
    query,
    .choice(
      "score", named: "SCORE", EvictionScores.all.map(\.name),
      "what decides which positions are dropped: see below",
      default: EvictionScores.paper.name),
    .flag(
      "output-error",
      "also measure how far dropping moves what attention adds to the residual stream: what plan "
        + "makes its best plans of"),
    .precision,
    .threads,
    .memory,
    .separator(CorpusOptions.Separator.none),
    .rope,
    .pre,
    .ids,
    .corpusFormat,
    .textField,
    .value(
      "capture", "TEXT",
      "also store attention maps, key norms, keys and values of this prompt, as capture does"),
    .value("max-size", "SIZE", "refuse a larger capture", default: "1G"),
    .strict,
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
        + corpus.paths.map(RepeatedCommand.fullInputPath),
      values: [
        "chunk-length": "\(chunkLength)", "query": query.description,
        "score": score.name, "memory": "\(BatchMemory(given: run.memory).limit)",
        "max-size": "\(maxSize)",
        "out": RepeatedCommand.fullPath(folder),
      ].merging(run.values) { own, _ in own }.merging(corpus.values) { own, _ in own },
      kernels: kernels, console: console)
  }
}
