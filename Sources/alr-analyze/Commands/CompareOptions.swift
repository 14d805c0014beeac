import AttentionAnalysis
import Inference
import Results
import Tokenization

/// What `compare MODEL CORPUS` was asked to do.
struct CompareOptions: Sendable {
  var model: String
  var corpus: CorpusOptions
  /// `nil`: 1024, or what the model's context allows.
  var chunkLength: Int?
  var query: QuerySelection
  var scores: [any EvictionScore]
  var run: RunOptions
  var output: OutputOptions
  /// As they were given.
  var arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws(UsageError) {
    self.arguments = arguments
    model = arguments.positionals[0]
    corpus = try CorpusOptions(arguments, corpora: Array(arguments.positionals.dropFirst()))
    chunkLength = try arguments.chunkLength()
    query = try arguments.query()
    let named = arguments.list("score").compactMap(EvictionScores.named)
    scores = named.isEmpty ? EvictionScores.withoutAttention : named
    run = try RunOptions(arguments)
    output = OutputOptions(arguments)
  }

  static let specs: [OptionSpec] =
    [
      OptionSpec.choice(
        "score", named: "SCORE", EvictionScores.all.map(\.name),
        "what decides which positions are dropped: see below",
        default: "those that need no attention"
      ).repeatable,
      .chunkLength,
      .maxChunks,
      .bos,
      AnalyzeOptions.query,
      .precision, .threads, .memory,
      .separator(CorpusOptions.Separator.none),
      .rope, .pre, .ids, .corpusFormat, .textField, .strict,
    ] + OutputOptions.specs

  /// What repeats the run with these options.
  func repeated(
    chunkLength: Int, folder: String, kernels: Kernels, console: Console
  ) -> RepeatedCommand {
    RepeatedCommand(
      of: Command.compare.spec, arguments,
      positionals: [RepeatedCommand.fullModelPath(model)]
        + corpus.paths.map(RepeatedCommand.fullInputPath),
      values: [
        "chunk-length": "\(chunkLength)", "query": query.description,
        "memory": "\(BatchMemory(given: run.memory).limit)",
        "out": RepeatedCommand.fullPath(folder),
      ].merging(run.values) { own, _ in own }.merging(corpus.values) { own, _ in own },
      kernels: kernels, console: console)
  }
}

extension EvictionScores {
  /// What the names of scores stand for.
  static var glossary: CommandSpec.Glossary {
    CommandSpec.Glossary(
      title: "Scores, and what they let stay",
      entries: all.map {
        ($0.name, $0.summary + ($0.observed == .none ? "" : "; needs attention"))
      })
  }
}
