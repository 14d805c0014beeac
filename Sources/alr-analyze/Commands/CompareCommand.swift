import AttentionAnalysis
import Foundation
import Inference
import Reporting
import Results
import Tokenization

extension Command {
  /// `compare MODEL CORPUS`: several scores in one run; `compare RESULTS RESULTS`: two runs.
  static let compare = Command(
    spec: CommandSpec(
      name: "compare",
      summary: "set eviction scores side by side on MODEL and CORPUS, or the results of two runs",
      positionals: [
        PositionalSpec(
          name: "MODEL", help: "a model as analyze takes it, or a results folder of analyze"),
        PositionalSpec(
          name: "CORPUS", help: "texts as analyze takes them, or another results folder",
          arity: .oneOrMore),
      ],
      options: CompareOptions.specs, glossary: EvictionScores.glossary,
      examples: [
        "alr-analyze compare ./SmolLM2-135M wikipedia.txt",
        "alr-analyze compare model.gguf texts/ --score key-norm --score snap-kv",
        "alr-analyze compare alr-results/SmolLM2-135M alr-results/SmolLM2-135M-Q4",
      ]),
    run: { arguments, console in
      if ResultsComparison.isMeant(arguments) {
        try ResultsComparison(arguments, console).run()
      } else {
        try Comparing(options: CompareOptions(arguments), console: console).run()
      }
    })
}

/// One run of `compare MODEL CORPUS`, from paths to a results folder.
private struct Comparing {
  let options: CompareOptions
  let console: Console

  func run() throws {
    let started = Date()
    let session = try ModelSession(options.model, options.run, console)
    let chunkLength = try session.chunkLength(options.chunkLength)
    if let expected = options.query.shortfall(chunkLength: chunkLength) {
      throw UsageError.invalidValue(
        option: "query", value: options.query.description, expected: expected)
    }
    let folder = ComparisonFolder(
      options.output.folder ?? "alr-results/\(session.checkpoint.name)-compare")
    let repeated = options.repeated(
      chunkLength: chunkLength, folder: folder.path, kernels: session.kernels, console: console)
    if options.output.printsCommand { return try console.print(repeated.line) }
    session.warn(chunkLength: chunkLength)
    let corpus = try CorpusJob(
      options: options.corpus, session: session, console: console,
      isQuiet: options.output.isQuiet)
    let chunks = try corpus.cut(chunkLength: chunkLength)
    if chunks.tokens.count == 1 {
      console.warn("one chunk does not show which score is better: measure 8 or more")
    }
    let run = AnalysisRun(
      tool: toolVersion, model: ModelSummary(session.model), corpus: chunks.summary,
      protocolSummary: ProtocolSummary(
        query: options.query.description, score: options.scores.map(\.name).joined(separator: " "),
        precision: options.run.precision.rawValue, isa: session.kernels.name,
        rope: options.run.rope?.description),
      shape: RunShape(session.model.spec, chunkLength: chunkLength), query: options.query,
      scores: options.scores, chunks: chunks.tokens)
    try folder.prepare(for: run.identity, force: options.output.force)
    try console.interruption.check()
    guard let comparison = ScoreComparison(try measure(run, session)) else { return }
    try folder.write(
      comparison,
      runInfo: RunInfo(
        started: started, repeated: repeated, model: options.model, corpora: options.corpus.paths,
        threads: options.run.threads, console: console
      ).json, attachments: ComparisonFigures.files(comparison), force: options.output.force)
    if options.output.json { return try console.print(String(comparison.json.dropLast())) }
    try console.print(
      ScoreComparisonTable.render(comparison, style: console.outputTerminal.style))
    try console.print("Results: \(Console.line(folder.path))")
  }

  private func measure(_ run: AnalysisRun, _ session: ModelSession) throws -> [AnalysisResult] {
    let pass = session.pass
    let tokens = Double(run.chunks.count * (run.shape.chunkLength + 1))
    let progress = ProgressReporter(
      label: "measuring", total: tokens, unit: "tokens", isQuiet: options.output.isQuiet,
      console: console)
    defer { progress.finish() }
    progress.update(0)
    let interruption = console.interruption
    return try run.results(
      with: pass,
      batchSize: session.memory.chunks(
        of: pass, query: run.query, chunkLength: run.shape.chunkLength),
      progress: { progress.update($0 * tokens) }, isCancelled: { interruption.isRequested })
  }
}
