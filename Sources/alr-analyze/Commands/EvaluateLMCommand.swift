import AttentionAnalysis
import Compression
import Foundation
import Inference
import ModelFiles
import Reporting
import Results
import Tokenization

extension Command {
  /// `evaluate lm MODEL CORPUS`: what compression costs in likelihood.
  static let evaluateLM = Command(
    spec: CommandSpec(
      name: "evaluate lm",
      summary:
        "measure perplexity and next-token accuracy of MODEL on CORPUS with compressed caches",
      positionals: [
        .model,
        PositionalSpec(name: "CORPUS", help: "texts as analyze takes them", arity: .oneOrMore),
      ],
      options: LanguageModelOptions.specs, glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze evaluate lm ./SmolLM2-135M wikipedia.txt --max-cache 1000",
        "alr-analyze evaluate lm model.gguf texts/ --keep-ratio 0.5 --prune-after 512",
        "alr-analyze evaluate lm model.gguf texts/ --compare-plan plan.json",
      ]),
    run: { arguments, console in
      try LanguageModelEvaluation(options: LanguageModelOptions(arguments), console: console).run()
    })
}

/// What `evaluate lm` was asked to do.
struct LanguageModelOptions: Sendable {
  static let usualLength = 2000

  var model: String
  var corpus: CorpusOptions
  /// Tokens of a chunk, BOS included; `nil` for what suits the model.
  var length: Int?
  var compression: CompressionOptions
  var recordsKept: Bool
  var isByToken: Bool
  var run: RunOptions
  var output: OutputOptions
  var arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws(UsageError) {
    self.arguments = arguments
    model = arguments.positionals[0]
    corpus = try CorpusOptions(
      arguments, corpora: Array(arguments.positionals.dropFirst()), separator: .eos)
    length = try arguments.integer("length", maximum: 1 << 30)
    if let length, length < 2 {
      throw .invalidValue(
        option: "length", value: "\(length)", expected: "a whole number of at least 2")
    }
    compression = try CompressionOptions(arguments, timing: .whileReading)
    recordsKept = arguments.has("record-kept")
    isByToken = arguments.has("token-by-token")
    run = try RunOptions(arguments)
    output = OutputOptions(arguments)
  }

  static let specs: [OptionSpec] =
    [
      .value(
        "length", "N", "tokens of a chunk, BOS included",
        default: "\(usualLength), or the model's context"),
      .maxChunks,
    ] + CompressionOptions.specs(.whileReading) + CompressionOptions.onceSpecs + [
      CompressionOptions.baselineSpec,
      .flag("record-kept", "also store which positions stay in the end"),
      .flag(
        "token-by-token",
        "feed one token at a time, as the paper's code does: equal numbers but for rounding, later"),
      .bos, .separator(CorpusOptions.Separator.eos), .ids, .corpusFormat, .textField, .strict,
      .precision, .threads, .memory, .rope, .pre,
    ] + OutputOptions.specs
}

/// One run of `evaluate lm`, from paths to a results folder.
private struct LanguageModelEvaluation {
  let options: LanguageModelOptions
  let console: Console

  func run() throws {
    let started = Date()
    let session = try ModelSession(options.model, options.run, console)
    let spec = session.model.spec
    let length = options.length ?? min(LanguageModelOptions.usualLength, spec.contextLength)
    try spec.checkLength(length - 1)
    let summary = ModelSummary(session.model)
    let pruning = try options.compression.pruning(length: length)
    let comparison = try comparison(after: pruning, session, summary)
    let grid =
      try comparison?.settings
      ?? options.compression.grid(
        for: spec, tokenizer: session.tokenizer, fingerprint: { summary.fingerprint },
        once: pruning)
    let folder = EvaluationFolder(
      options.output.folder ?? "alr-results/\(session.checkpoint.name)-lm")
    let repeated = repeated(length: length, folder: folder.path, session)
    if options.output.printsCommand { return try console.print(repeated.line) }
    session.warn(chunkLength: length - 2)
    for note in comparison?.notes ?? [] { console.warn(note) }
    let corpus = try CorpusJob(
      options: options.corpus, session: session, console: console,
      isQuiet: options.output.isQuiet)
    let chunks = try corpus.cut(chunkLength: length - 1)
    if comparison != nil, chunks.tokens.count == 1 {
      console.warn(
        "one chunk does not show how far a difference may be off: no interval is given; measure 30 "
          + "or more")
    }
    let run = LanguageModelRun(
      chunks: chunks.tokens, rules: grid.map(\.rule), isByToken: options.isByToken)
    var evaluation = Evaluation(
      kind: .lm, tool: toolVersion, model: summary, corpus: chunks.summary,
      protocolFacts: facts(session), settings: grid.map(\.setting), cells: [])
    try folder.prepare(for: evaluation, force: options.output.force)
    try console.interruption.check()
    let scores = try measure(run, pruning: pruning, session)
    evaluation.cells = scores.enumerated().map {
      $1.cell(
        setting: $0, chunks: run.chunks.count, pruning: pruning,
        keptShare: comparison?.keptShares[$0])
    }
    if let comparison, let pruning {
      evaluation.comparisons = comparison.comparisons(
        scores.map { $0.meanLosses(from: pruning, fedLength: run.fedLength) })
    }
    evaluation.tokens = Evaluation.TokenArrays(
      settings: scores.count, chunks: run.chunks.count, positions: run.fedLength,
      nll: scores.flatMap(\.negativeLogLikelihoods),
      correct: scores.flatMap { $0.isCorrect.map { $0 ? 1 : 0 } })
    try folder.write(
      evaluation, kept: kept(scores, spec),
      runInfo: RunInfo(
        started: started, repeated: repeated, model: options.model, corpora: options.corpus.paths,
        threads: options.run.threads, console: console
      ).json, attachments: EvaluationReportWriter.files(evaluation),
      replacing: EvaluationReportWriter.occasionalPaths, force: options.output.force)
    try show(evaluation, folder)
  }

  private func facts(_ session: ModelSession) -> [Evaluation.Fact] {
    [
      .init(name: "precision", value: options.run.precision.rawValue),
      .init(name: "isa", value: session.kernels.name),
      .init(name: "rope", value: options.run.rope?.description ?? "as the checkpoint says"),
      .init(name: "separator", value: options.corpus.separator.rawValue),
      .init(name: "feeding", value: options.isByToken ? "tokens" : "blocks"),
      .init(name: "pruning", value: options.compression.isOnce ? "once" : "repeated"),
    ] + options.compression.facts
  }

  /// The plans that are to be compared, and what with; `nil` where none are.
  private func comparison(
    after pruning: Int?, _ session: ModelSession, _ summary: ModelSummary
  ) throws -> PlanComparison? {
    let paths = options.compression.comparedPlans
    guard let pruning, !paths.isEmpty else { return nil }
    return try options.compression.comparison(
      of: paths, for: session.model.spec, pruneAfter: pruning, tokenizer: session.tokenizer,
      fingerprint: summary.fingerprint)
  }

  /// Settings that prune once read what comes before together, but where tokens go one by one.
  private func measure(
    _ run: LanguageModelRun, pruning: Int?, _ session: ModelSession
  ) throws -> [LanguageModelRun.Scores] {
    let pass = session.pass
    let oneShot = pruning.flatMap {
      options.isByToken ? nil : OneShotRun(chunks: run.chunks, promptLength: $0)
    }
    let total = Double(oneShot?.tokenCount(rules: run.rules.count) ?? run.tokenCount)
    let progress = ProgressReporter(
      label: "reading", total: total, unit: "tokens", isQuiet: options.output.isQuiet,
      console: console)
    defer { progress.finish() }
    progress.update(0)
    let interruption = console.interruption
    let workspace = PassWorkspace(for: pass)
    var done = 0
    if let oneShot {
      return try oneShot.run(
        run.rules, with: pass, workspace: workspace,
        batchSize: session.memory.sequences(of: pass, oneShot),
        recordsKept: options.recordsKept,
        progress: {
          done += $0
          progress.update(Double(done))
        }, isCancelled: { interruption.isRequested })
    }
    return try run.rules.map { rule in
      try run.run(
        rule, with: pass, workspace: workspace,
        batchSize: session.memory.chunks(of: pass, kept: run.fedLength),
        recordsKept: options.recordsKept,
        progress: {
          done += $0
          progress.update(Double(done))
        }, isCancelled: { interruption.isRequested })
    }
  }

  /// Positions that stay, an array for each setting and layer: (chunks, kv_heads, kept), ascending;
  /// heads that hold fewer than others end with -1.
  private func kept(
    _ scores: [LanguageModelRun.Scores], _ spec: ArchitectureSpec
  ) -> [(name: String, array: any StoredArray)] {
    scores.enumerated().flatMap { setting, scores in
      scores.kept.enumerated().map { layer, chunks in
        let longest = chunks.joined().map(\.count).max() ?? 0
        let values = chunks.joined().flatMap {
          $0 + [Int32](repeating: -1, count: longest - $0.count)
        }
        return (
          "kept_\(setting)_\(layer)",
          NumberArray(shape: [chunks.count, spec.kvHeadCount, longest], values: values)
        )
      }
    }
  }

  private func repeated(
    length: Int, folder: String, _ session: ModelSession
  ) -> RepeatedCommand {
    RepeatedCommand(
      of: Command.evaluateLM.spec, options.arguments,
      positionals: [RepeatedCommand.fullModelPath(options.model)]
        + options.corpus.paths.map(RepeatedCommand.fullInputPath),
      values: [
        "length": "\(length)", "memory": "\(BatchMemory(given: options.run.memory).limit)",
        "out": RepeatedCommand.fullPath(folder),
      ].merging(options.run.values) { own, _ in own }
        .merging(options.corpus.values) { own, _ in own },
      kernels: session.kernels, console: console)
  }

  private func show(_ evaluation: Evaluation, _ folder: EvaluationFolder) throws {
    if options.output.json { return try console.print(String(evaluation.json.dropLast())) }
    try console.print(
      EvaluationTable.render(evaluation, style: console.outputTerminal.style))
    try console.print("Results: \(Console.line(folder.path)) (open report.html there)")
  }
}
