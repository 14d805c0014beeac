import Foundation
import Inference
import ModelFiles

extension Command {
  /// `inspect MODEL`: what a model is and what a run of it will need.
  static let inspect = Command(
    spec: CommandSpec(
      name: "inspect",
      summary: "show architecture, sizes, tokenizer, and the memory and time that a run will need",
      positionals: [.model],
      options: [
        .chunkLength,
        .value("max-chunks", "C", "chunks of the run", default: "those of a corpus"),
        .precision,
        .threads,
        .memory,
        .rope,
        .pre,
        .flag("json", "print a JSON object"),
      ],
      examples: [
        "alr-analyze inspect ./SmolLM2-135M",
        "alr-analyze inspect model.gguf --chunk-length 4096 --max-chunks 64",
      ]),
    run: { arguments, console in
      try Inspection(arguments, console: console).run()
    })
}

/// One run of `inspect`.
private struct Inspection {
  private let console: Console
  private let arguments: ParsedArguments
  private let chunkLength: Int?
  private let maxChunks: Int?
  private let options: RunOptions

  init(_ arguments: ParsedArguments, console: Console) throws {
    self.console = console
    self.arguments = arguments
    chunkLength = try arguments.chunkLength()
    maxChunks = try arguments.integer("max-chunks", maximum: 1 << 30)
    options = try RunOptions(arguments)
  }

  func run() throws {
    _ = try Kernels.chosen(console)
    let checkpoint = try Checkpoint.openOrSayWhat(arguments.positionals[0])
    let tokenizer = Result { try ModelTokenizer.load(of: checkpoint, pre: options.pre) }
    // A GGUF file may hold a vocabulary alone, which is something to show, but nothing to run.
    if checkpoint.tensors.isEmpty, checkpoint.gguf != nil, case .success = tokenizer {
      try print(ModelFacts(checkpoint: checkpoint, model: nil, tokenizer: tokenizer), nil)
      console.warn("a vocabulary without weights: tokenize takes it, a run needs a model")
      return
    }
    let session: ModelSession
    do {
      session = try ModelSession(checkpoint, options, console)
    } catch {
      // What can be told of a model that cannot be run may say why.
      try print(
        ModelFacts(checkpoint: checkpoint, model: nil, tokenizer: tokenizer), nil,
        refusal: "\(error)")
      throw error
    }
    let length = try session.chunkLength(chunkLength)
    let forecast = RunForecast(session, chunkLength: length, maxChunks: maxChunks)
    try print(
      ModelFacts(checkpoint: checkpoint, model: session.model, tokenizer: tokenizer), forecast)
    session.warn(chunkLength: length)
    if case .failure(let error) = tokenizer { console.warn("\(error)") }
  }

  private func print(
    _ facts: ModelFacts, _ forecast: RunForecast?, refusal: String? = nil
  ) throws {
    if arguments.has("json") {
      return try console.print(
        .object(
          facts.members + [
            .init("run", forecast?.json ?? .null), .init("refusal", JSONValue(refusal)),
          ]))
    }
    let sheet = FactSheet(groups: facts.groups + [forecast?.rows ?? []].filter { !$0.isEmpty })
    let terminal = console.outputTerminal
    try console.print(sheet.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}
