import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Reporting

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
          help: "text files, .jsonl files, folders of them, or - for standard input",
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
    let kernels = try Kernels(named: console.environment["ALR_ISA"])
    let checkpoint = try Checkpoint.open(options.model)
    let model = try Model(checkpoint)
    let chunkLength = options.chunkLength ?? model.spec.defaultChunkLength
    warn(about: model, kernels, chunkLength: chunkLength)
    let tokenizer = try ModelTokenizer.load(of: checkpoint, pre: options.pre)
    let bos = try bos(of: tokenizer)
    let texts = CorpusTexts(paths: options.corpora, isStrict: options.isStrict)
    let chunks = try cut(texts, tokenizer, bos: bos, chunkLength: chunkLength)
    let run = AnalysisRun(
      tool: toolVersion,
      model: ModelSummary(model),
      corpus: CorpusSummary(
        name: texts.name, tokens: chunks.usedTokens, chunks: chunks.tokens.count,
        chunkLength: chunkLength, bos: bos != nil, fingerprint: chunks.fingerprint),
      protocolSummary: ProtocolSummary(
        query: options.query.description, score: options.score,
        precision: options.precision.rawValue, isa: kernels.name),
      shape: RunShape(model, chunkLength: chunkLength), query: options.query,
      chunks: chunks.tokens)

    let folder = ResultsFolder(options.output ?? "alr-results/\(checkpoint.name)")
    try folder.prepare(for: run.identity, force: options.force)
    try console.interruption.check()
    let result = try measure(run, model, kernels)

    let attachments = ReportWriter.files(result).map {
      ResultsFolder.Attachment(name: $0.path, bytes: $0.bytes)
    }
    try folder.write(
      result, runInfo: runInfo(started: started), attachments: attachments, force: options.force)
    try show(result, folder)
  }

  private func warn(about model: Model, _ kernels: Kernels, chunkLength: Int) {
    if !model.unusedTensors.isEmpty {
      let names = model.unusedTensors.prefix(3).joined(separator: ", ")
      let more = model.unusedTensors.count > 3 ? ", ..." : ""
      console.warn("\(model.unusedTensors.count) tensors are not used: \(names)\(more)")
    }
    if chunkLength >= model.spec.contextLength {
      console.warn(
        "a chunk of \(chunkLength) positions and a query is beyond the model's context of "
          + "\(model.spec.contextLength)")
    }
    if options.precision == .bf16, !kernels.hasFastBF16 {
      console.warn("this processor has no bf16 products: --precision bf16 is not faster here")
    }
  }

  private func bos(of tokenizer: Tokenizer) throws -> Int32? {
    switch options.bos {
    case .auto: return tokenizer.automaticBOS
    case .never: return nil
    case .always:
      guard let bos = tokenizer.bosID else { throw AnalysisProblem.noToken("BOS", option: "bos") }
      return bos
    }
  }

  /// Tokenises no more of the corpus than the chunks take.
  private func cut(
    _ texts: CorpusTexts, _ tokenizer: Tokenizer, bos: Int32?, chunkLength: Int
  ) throws -> ChunkCutter.Chunks {
    var separator: [Int32] = []
    if options.separator == .eos {
      guard let eos = tokenizer.eosID else {
        throw AnalysisProblem.noToken("EOS", option: "separator")
      }
      separator = [eos]
    }
    var cutter = ChunkCutter(
      chunkLength: chunkLength, bos: bos, maxChunks: options.maxChunks ?? .max)
    var isFirst = true
    let repaired = try texts.visit { text in
      if !isFirst { cutter.append(separator) }
      isFirst = false
      try console.interruption.check()
      cutter.append(tokenizer.encode(text, limit: cutter.wantedTokens))
      return !cutter.isFull
    }
    for path in repaired {
      console.warn("\(path) is not UTF-8; what is ill-formed is read as U+FFFD")
    }
    return try cutter.finish()
  }

  private func measure(_ run: AnalysisRun, _ model: Model, _ kernels: Kernels) throws
    -> AnalysisResult
  {
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: options.precision,
      pool: WorkerPool(count: threads))
    let tokens = Double(run.chunks.count * (run.shape.chunkLength + 1))
    let progress = ProgressReporter(
      label: "measuring", total: tokens, unit: "tokens", isQuiet: options.isQuiet,
      console: console)
    defer { progress.finish() }
    progress.update(0)
    let interruption = console.interruption
    return try run.run(
      with: pass, batchSize: batchSize(run, pass),
      progress: { progress.update($0 * tokens) }, isCancelled: { interruption.isRequested })
  }

  /// Chunks that go through the layers together: enough that reading a layer's weights is a small
  /// part of the work, as many as memory holds.
  private func batchSize(_ run: AnalysisRun, _ pass: ForwardPass) -> Int {
    let memory = options.memory ?? Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
    let perChunk = max(1, pass.bytesPerChunk(length: run.shape.chunkLength + 1))
    return max(1, min(memory / perChunk, run.chunks.count, 16))
  }

  private var threads: Int { options.threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// What may differ between equal runs.
  private func runInfo(started: Date) -> JSONValue {
    let process = ProcessInfo.processInfo
    func absolute(_ path: String) -> JSONValue {
      .string(
        FileManager.default.fileExists(atPath: path)
          ? URL(fileURLWithPath: path).standardizedFileURL.path : path)
    }
    return [
      "tool": .string(toolVersion),
      "started": .string(ISO8601DateFormatter().string(from: started)),
      "seconds": .double(-started.timeIntervalSinceNow),
      "model": absolute(options.model),
      "corpora": .array(options.corpora.map(absolute)),
      "host": .string(process.hostName),
      "system": .string(process.operatingSystemVersionString),
      "processors": .int(process.activeProcessorCount),
      "threads": .int(threads),
    ]
  }

  private func show(_ result: AnalysisResult, _ folder: ResultsFolder) throws {
    if options.json {
      try console.print(String(result.json.dropLast()))
      return
    }
    let style = console.outputTerminal.style
    try console.print(LayerTable.render(result, style: style))
    if let heatmap = TerminalHeatmap.render(result, style: style) { try console.print(heatmap) }
    try console.print("Results: \(folder.path)")
  }
}

/// Why the options do not fit the model.
enum AnalysisProblem: ExitCoded, Equatable, CustomStringConvertible {
  case noToken(String, option: String)

  var exitCode: ExitCode { .badInput }

  var description: String {
    switch self {
    case .noToken(let name, let option):
      "the tokenizer names no \(name) token, which --\(option) asks for"
    }
  }
}

extension ChunkCutter.TooShort: ExitCoded {
  var exitCode: ExitCode { .badInput }
}

extension ModelSummary {
  fileprivate init(_ model: Model) {
    self.init(
      name: model.checkpoint.name, architecture: model.spec.name, layers: model.spec.layerCount,
      heads: model.spec.headCount, kvHeads: model.spec.kvHeadCount, headDim: model.spec.headDim,
      parameters: model.parameterCount, fingerprint: model.checkpoint.fingerprint())
  }
}

extension RunShape {
  fileprivate init(_ model: Model, chunkLength: Int) {
    self.init(
      layers: Array(repeating: Layer(), count: model.spec.layerCount),
      heads: model.spec.headCount, kvHeads: model.spec.kvHeadCount, chunkLength: chunkLength)
  }
}
