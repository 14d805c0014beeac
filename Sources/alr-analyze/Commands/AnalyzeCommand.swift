import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Reporting
import Results
import Tokenization

extension Command {
  /// `analyze MODEL CORPUS`: measures and writes the results folder.
  static let analyze = Command(
    spec: CommandSpec(
      name: "analyze",
      summary: "measure the ALR of every attention head of MODEL on CORPUS",
      positionals: [
        PositionalSpec(
          name: "MODEL",
          help: "a .safetensors or .gguf file, a model folder, an index JSON, or org/name in the "
            + "Hugging Face cache"),
        PositionalSpec(
          name: "CORPUS",
          help: "texts, JSON lines, either also as .gz, folders of them, pipes, or - for standard "
            + "input",
          arity: .oneOrMore),
      ],
      options: AnalyzeOptions.specs, glossary: EvictionScores.glossary,
      examples: [
        "alr-analyze ./SmolLM2-135M wikipedia.txt",
        "alr-analyze analyze model.gguf texts/ --max-chunks 64 --query all:16",
      ]),
    run: { arguments, console in
      try Analysis(options: AnalyzeOptions(arguments), console: console).run()
    })
}

/// One run of `analyze`, from paths to a results folder.
private struct Analysis {
  let options: AnalyzeOptions
  let console: Console

  func run() throws {
    let started = Date()
    let session = try open()
    let (model, kernels, checkpoint) = (session.model, session.kernels, session.checkpoint)
    let chunkLength = try session.chunkLength(options.chunkLength)
    if let expected = options.query.shortfall(chunkLength: chunkLength) {
      throw UsageError.invalidValue(
        option: "query", value: options.query.description, expected: expected)
    }
    let folder = ResultsFolder(options.output ?? "alr-results/\(checkpoint.name)")
    let repeated = options.repeated(
      chunkLength: chunkLength, folder: folder.path, kernels: kernels, console: console)
    if options.printsCommand { return try console.print(repeated.line) }
    session.warn(chunkLength: chunkLength)
    if !model.unusedTensors.isEmpty { warn(aboutUnused: model.unusedTensors) }
    let corpus = try CorpusJob(
      options: options.corpus, session: session, console: console, isQuiet: options.isQuiet)
    var chunks = try firstChunks(of: corpus, chunkLength: chunkLength, folder)
    var run = AnalysisRun(
      tool: toolVersion,
      model: ModelSummary(model),
      corpus: chunks.summary,
      protocolSummary: ProtocolSummary(
        query: options.query.description, score: options.score.name,
        precision: options.run.precision.rawValue, isa: kernels.name,
        rope: options.run.rope?.description, hasOutputError: options.hasOutputError),
      shape: RunShape(
        model.spec, chunkLength: chunkLength, hasOutputError: options.hasOutputError),
      query: options.query,
      scores: [options.score], chunks: chunks.tokens)

    try folder.prepare(for: run.identity, force: options.force)
    // A prompt that is too long is refused before anything is measured.
    let prompt = try options.capture.map {
      try PromptJob(
        model: model, tokenizer: corpus.reading.tokenizer ?? session.tokenizer(),
        text: Array($0.utf8),
        bos: options.corpus.bos, limit: options.maxSize, console: console)
    }
    try console.interruption.check()
    let pass = session.pass
    let result: AnalysisResult
    var stability: String?
    if let error = options.stableError {
      let job = StableAnalysis(
        corpus: corpus, run: run, error: error, isQuiet: options.isQuiet, console: console)
      let measured = try job.measure(with: pass, session.memory)
      chunks = try job.cut(measured)
      run.corpus = chunks.summary
      result = try measured.result(of: run)
      if measured.isStable {
        stability = job.words(measured)
      } else {
        console.warn(job.words(measured))
      }
    } else {
      result = try measure(run, pass, session.memory)
    }
    let capture = try prompt?.run(with: pass, summary: run.model, isQuiet: options.isQuiet)

    var attachments = ReportWriter.files(
      result, capture: capture, peaks: capture?.peaks() ?? [])
    if let capture {
      attachments.append(
        .init(
          name: ResultsFolder.captureName,
          bytes: try PromptJob.encode(capture, as: .npz, path: ResultsFolder.captureName)))
    }
    try folder.write(
      result,
      runInfo: RunInfo(
        started: started, repeated: repeated, model: options.model, corpora: options.corpus.paths,
        threads: options.run.threads, console: console
      ).json, attachments: attachments,
      replacing: ReportWriter.captureFigurePaths, force: options.force)
    try show(result, folder, stability)
  }

  /// All chunks; where a run goes on until it is stable, as many as tell whether the results may be
  /// written: those that are there already, or the first.
  private func firstChunks(
    of corpus: CorpusJob, chunkLength: Int, _ folder: ResultsFolder
  ) throws -> (summary: CorpusSummary, tokens: [[Int32]]) {
    if options.stableError != nil {
      try StableAnalysis.check(options.corpus.paths)
      let existing = options.force ? nil : (try? folder.read())?.corpus.chunks
      if let existing {
        console.warn(
          "\(folder.path) has results of \(existing) chunks, which stay where this run takes "
            + "another number of them; --force replaces them")
      }
      return try corpus.cut(
        chunkLength: chunkLength,
        maxChunks: min(existing ?? StableRun.interval, options.corpus.maxChunks ?? .max),
        tells: false)
    }
    let chunks = try corpus.cut(chunkLength: chunkLength)
    if chunks.tokens.count == 1 {
      console.warn(
        "one chunk does not show how far a ratio may be off: no layer can be told from it; measure "
          + "8 or more")
    }
    return chunks
  }

  private func warn(aboutUnused tensors: [String]) {
    let names = tensors.prefix(3).joined(separator: ", ")
    console.warn(
      "\(tensors.count) tensors are not used: \(names)\(tensors.count > 3 ? ", ..." : "")")
  }

  private func open() throws -> ModelSession {
    do {
      return try ModelSession(options.model, options.run, console)
    } catch let error as WrongKind {
      // The commonest mistake about two arguments.
      guard let model = options.corpus.paths.first(where: WrongKind.isModel) else { throw error }
      throw UsageError.swappedModel(options.model, model: model)
    }
  }

  private func measure(
    _ run: AnalysisRun, _ pass: ForwardPass, _ memory: BatchMemory
  ) throws -> AnalysisResult {
    let tokens = Double(run.chunks.count * (run.shape.chunkLength + 1))
    let progress = ProgressReporter(
      label: "measuring", total: tokens, unit: "tokens", isQuiet: options.isQuiet,
      console: console)
    defer { progress.finish() }
    progress.update(0)
    let interruption = console.interruption
    let batchSize = memory.chunks(
      of: pass, query: run.query, chunkLength: run.shape.chunkLength)
    return try run.run(
      with: pass, batchSize: batchSize,
      progress: { progress.update($0 * tokens) }, isCancelled: { interruption.isRequested })
  }

  /// What a run can be compared with; the table's heading tells some of it.
  private func protocolLine(_ result: AnalysisResult) -> String {
    let summary = result.protocolSummary
    let bos = result.corpus.bos ? "BOS in every chunk" : "no BOS"
    let rope = summary.rope.map { ", RoPE \($0)" } ?? ""
    return "Protocol: query \(summary.query), \(summary.score), \(bos)\(rope), "
      + "\(summary.precision) on \(summary.isa)"
  }

  private func show(
    _ result: AnalysisResult, _ folder: ResultsFolder, _ stability: String?
  ) throws {
    if options.json {
      try console.print(String(result.json.dropLast()))
      return
    }
    let terminal = console.outputTerminal
    let style = terminal.style
    try console.print(LayerTable.render(result, style: style))
    if let heatmap = TerminalHeatmap.render(result, style: style) { try console.print(heatmap) }
    let line = protocolLine(result)
    // Logs keep it whole, for searching.
    try console.print(terminal.isInteractive ? style.wrapped(line) : line)
    if let stability {
      try console.print(terminal.isInteractive ? style.wrapped(stability) : stability)
    }
    try console.print("Results: \(Console.line(folder.path)) (open report.html there)")
  }
}
