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
      options: AnalyzeOptions.specs,
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
    let reading = try reading(session)
    let chunks = try cut(reading, chunkLength: chunkLength, context: model.spec.contextLength)
    if chunks.tokens.count == 1 {
      console.warn(
        "one chunk does not show how far a ratio may be off: no layer can be told from it; measure "
          + "8 or more")
    }
    let run = AnalysisRun(
      tool: toolVersion,
      model: ModelSummary(model),
      corpus: chunks.summary,
      protocolSummary: ProtocolSummary(
        query: options.query.description, score: options.score.name,
        precision: options.run.precision.rawValue, isa: kernels.name,
        rope: options.run.rope?.description),
      shape: RunShape(model.spec, chunkLength: chunkLength), query: options.query,
      score: options.score, chunks: chunks.tokens)

    try folder.prepare(for: run.identity, force: options.force)
    // A prompt that is too long is refused before anything is measured.
    let prompt = try options.capture.map {
      try PromptJob(
        model: model, tokenizer: reading.tokenizer ?? session.tokenizer(), text: Array($0.utf8),
        bos: options.bos, limit: options.maxSize, console: console)
    }
    try console.interruption.check()
    let pass = session.pass
    let result = try measure(run, pass, session.memory)
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
      result, runInfo: runInfo(started: started, repeated), attachments: attachments,
      replacing: ReportWriter.captureFigurePaths, force: options.force)
    try show(result, folder)
  }

  private func warn(aboutUnused tensors: [String]) {
    let names = tensors.prefix(3).joined(separator: ", ")
    console.warn(
      "\(tensors.count) tensors are not used: \(names)\(tensors.count > 3 ? ", ..." : "")")
  }

  /// A corpus of ids needs no tokenizer; one that is there still tells BOS and EOS.
  private func reading(_ session: ModelSession) throws -> Chunker.Reading {
    guard options.readsIDs else { return .text(try session.tokenizer()) }
    let tokenizer = try? session.tokenizer()
    if tokenizer == nil, options.bos == .auto {
      console.warn("no tokenizer can be read, so no BOS is put in front of the chunks")
    }
    return .ids(vocabularySize: session.model.spec.vocabularySize, tokenizer)
  }

  /// Tokenises no more of the corpus than the chunks take.
  private func cut(
    _ reading: Chunker.Reading, chunkLength: Int, context: Int
  ) throws -> (summary: CorpusSummary, tokens: [[Int32]]) {
    let interruption = console.interruption
    let corpus = try corpus(interruption)
    let chunker = try Chunker(
      reading: reading, chunkLength: chunkLength, bos: options.bos,
      separatesByEOS: options.separator == .eos, maximumChunks: options.maxChunks,
      threads: options.run.threads)
    let chunks: ChunkedCorpus
    do throws(CorpusError) {
      chunks = try self.chunks(chunker, of: corpus, context: context)
    } catch {
      try interruption.check()
      throw error
    }
    CorpusNotes(corpus, chunks, readsIDs: options.readsIDs).tell(console, isQuiet: options.isQuiet)
    return (CorpusSummary(chunks, name: corpus.name), (0..<chunks.count).map { chunks[$0] })
  }

  private func corpus(_ interruption: Interruption) throws -> Corpus {
    for path in options.corpora { try WrongKind.checkText(path) }
    do throws(CorpusError) {
      return try Corpus(
        options.corpora,
        options: Corpus.Options(
          format: options.format, textField: options.textField, isStrict: options.isStrict),
        isCancelled: { interruption.isRequested })
    } catch .noTextFiles(let folder, let leftOut) {
      throw WrongKind.insteadOfTexts(folder, .noTextFiles(folder: folder, leftOut: leftOut))
    } catch {
      throw error
    }
  }

  /// The chunk length that is suggested for a short corpus fits the model too.
  private func chunks(
    _ chunker: Chunker, of corpus: Corpus, context: Int
  ) throws(CorpusError) -> ChunkedCorpus {
    do throws(CorpusError) {
      return try chunker.chunks(of: corpus)
    } catch .tooShort(let tokens, let needed, let fitting?) {
      throw .tooShort(tokens: tokens, needed: needed, fitting: min(fitting, max(1, context - 1)))
    } catch {
      throw error
    }
  }

  private func open() throws -> ModelSession {
    do {
      return try ModelSession(options.model, options.run, console)
    } catch let error as WrongKind {
      // The commonest mistake about two arguments.
      guard let model = options.corpora.first(where: WrongKind.isModel) else { throw error }
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

  /// What may differ between equal runs.
  private func runInfo(started: Date, _ repeated: RepeatedCommand) -> JSONValue {
    let process = ProcessInfo.processInfo
    return [
      "tool": .string(toolVersion),
      "started": .string(ISO8601DateFormatter().string(from: started)),
      "seconds": .double(-started.timeIntervalSinceNow),
      "command": .string(repeated.line),
      "arguments": .array(console.invocation.map(JSONValue.string)),
      "directory": .string(FilePath(".").fromRoot.description),
      "model": .string(RepeatedCommand.fullModelPath(options.model)),
      "corpora": .array(options.corpora.map { .string(RepeatedCommand.fullInputPath($0)) }),
      "options": repeated.json,
      "host": .string(process.hostName),
      "system": .string(process.operatingSystemVersionString),
      "processors": .int(process.activeProcessorCount),
      "threads": .int(options.run.threads),
    ]
  }

  /// What a run can be compared with; the table's heading tells some of it.
  private func protocolLine(_ result: AnalysisResult) -> String {
    let summary = result.protocolSummary
    let bos = result.corpus.bos ? "BOS in every chunk" : "no BOS"
    let rope = summary.rope.map { ", RoPE \($0)" } ?? ""
    return "Protocol: query \(summary.query), \(summary.score), \(bos)\(rope), "
      + "\(summary.precision) on \(summary.isa)"
  }

  private func show(_ result: AnalysisResult, _ folder: ResultsFolder) throws {
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
    try console.print("Results: \(Console.line(folder.path)) (open report.html there)")
  }
}
