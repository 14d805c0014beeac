import Compression
import Foundation
import Inference
import ModelFiles
import Reporting
import Results
import Tokenization

/// What every `evaluate` of questions and answers is told.
struct TaskOptions: Sendable {
  var compression: CompressionOptions
  var prunesWhileDecoding: Bool
  /// Whether questions are put as the model's chat template has them.
  var usesChat: Bool
  var run: RunOptions
  var output: OutputOptions

  init(_ arguments: ParsedArguments) throws(UsageError) {
    compression = try CompressionOptions(arguments, timing: .afterPrompt)
    prunesWhileDecoding = arguments.has("prune-while-decoding")
    usesChat = arguments.has("chat")
    run = try RunOptions(arguments)
    output = OutputOptions(arguments)
  }

  static let specs: [OptionSpec] =
    [
      .value(
        "max-tokens", "N", "new tokens of an answer at most", default: "what the task allows"),
      .flag("chat", "ask as the model's chat template has it"),
    ] + CompressionOptions.specs(.afterPrompt) + [
      CompressionOptions.baselineSpec,
      .flag("prune-while-decoding", "hold caches to the size that they had behind the prompt"),
      .precision, .threads, .memory, .rope, .pre,
    ] + OutputOptions.specs
}

/// One run of `evaluate passkey`, `needle`, `longbench` or `ruler`, from paths to a results folder.
struct TaskEvaluation {
  let kind: Evaluation.Kind
  let options: TaskOptions
  let arguments: ParsedArguments
  let console: Console
  /// Texts and files that questions are made of.
  let inputs: [String]

  init(
    _ kind: Evaluation.Kind, _ arguments: ParsedArguments, _ console: Console,
    inputs: [String] = []
  ) throws(UsageError) {
    self.kind = kind
    self.arguments = arguments
    self.console = console
    self.inputs = inputs
    options = try TaskOptions(arguments)
  }

  private var modelPath: String { arguments.positionals[0] }

  /// - Parameter makeTask: the task, once the model is known.
  func run(_ makeTask: (TaskSession) throws -> any EvaluationTask) throws {
    let started = Date()
    let session = try ModelSession(modelPath, options.run, console)
    let spec = session.model.spec
    let tokenizer = try session.tokenizer()
    let summary = ModelSummary(session.model)
    let grid = try options.compression.grid(
      for: spec, tokenizer: { tokenizer }, fingerprint: { summary.fingerprint })
    let folder = EvaluationFolder(
      options.output.folder ?? "alr-results/\(session.checkpoint.name)-\(kind.rawValue)")
    let repeated = repeated(folder: folder.path, session)
    if options.output.printsCommand { return try console.print(repeated.line) }
    session.warn()
    let encoder = PromptEncoder(
      tokenizer: tokenizer, chat: try chat(session, tokenizer), range: spec.contextLength)
    let task = try makeTask(TaskSession(session: session))
    var items = try task.items(encoder)
    if let most = try arguments.integer("max-tokens", maximum: 1 << 20) {
      guard most < spec.contextLength else {
        throw UsageError.invalidValue(
          option: "max-tokens", value: "\(most)",
          expected: "below the model's context of \(spec.contextLength)")
      }
      for index in items.indices { items[index].maxNewTokens = most }
    }
    if items.isEmpty { throw TaskError.noLengths(task: kind.rawValue) }
    var evaluation = Evaluation(
      kind: kind, tool: toolVersion, model: summary, corpus: nil,
      protocolFacts: facts(session, items, encoder), settings: grid.map(\.setting), cells: [])
    try folder.prepare(for: evaluation, force: options.output.force)
    try console.interruption.check()
    let run = TaskRun(
      task: task, items: items, settings: grid.map(\.setting), rules: grid.map(\.rule),
      encoder: encoder, ends: EndTokens.of(session.checkpoint, tokenizer),
      prunesWhileDecoding: options.prunesWhileDecoding)
    let journal = try EvaluationJournal(
      folder: folder.path, identity: identity(evaluation), force: options.output.force)
    try answer(run, journal, session)
    evaluation.cells = run.cells(journal)
    try folder.write(
      evaluation,
      runInfo: RunInfo(
        started: started, repeated: repeated, model: modelPath, corpora: inputs,
        threads: options.run.threads, console: console
      ).json, attachments: EvaluationReportWriter.files(evaluation),
      force: options.output.force)
    try show(evaluation, folder)
  }

  private func chat(
    _ session: ModelSession, _ tokenizer: Tokenizer
  ) throws -> ChatTemplate? {
    guard options.usesChat else { return nil }
    guard let chat = try ChatTemplate.load(of: session.checkpoint, tokenizer: tokenizer) else {
      throw ChatRefusal(model: modelPath)
    }
    return chat
  }

  /// Everything that decides answers: questions are known by the digest of their texts.
  private func facts(
    _ session: ModelSession, _ items: [TaskItem], _ encoder: PromptEncoder
  ) -> [Evaluation.Fact] {
    var digest = SHA256()
    for item in items {
      let parts = [
        item.id, item.prompt, item.answerPrefix, "\(item.maxNewTokens)",
        item.answers.joined(separator: "\u{1F}"),
      ]
      Array(parts.joined(separator: "\u{1E}").utf8).withUnsafeBytes { digest.update($0) }
    }
    return [
      .init(name: "precision", value: options.run.precision.rawValue),
      .init(name: "isa", value: session.kernels.name),
      .init(name: "rope", value: options.run.rope?.description ?? "as the checkpoint says"),
      .init(name: "chat", value: encoder.chat.map { $0.family.rawValue } ?? "none"),
      .init(name: "prune_while_decoding", value: options.prunesWhileDecoding ? "yes" : "no"),
      .init(name: "questions", value: "\(items.count)"),
      .init(name: "questions_fingerprint", value: digest.finalize()),
    ] + options.compression.facts
  }

  /// What makes answers worth keeping for another run; its grid may be another.
  private func identity(_ evaluation: Evaluation) -> JSONValue {
    let facts = evaluation.protocolFacts.filter { !$0.name.hasPrefix("questions") }
    return [
      "kind": .string(kind.rawValue), "model": .string(evaluation.model.fingerprint),
      "protocol": .object(facts.map { .init($0.name, .string($0.value)) }),
      "questions": .string(
        evaluation.protocolFacts.first { $0.name == "questions_fingerprint" }?.value ?? ""),
    ]
  }

  private func answer(
    _ run: TaskRun, _ journal: EvaluationJournal, _ session: ModelSession
  ) throws {
    let pass = session.pass
    let progress = ProgressReporter(
      label: "asking", total: Double(run.answerCount), unit: "answers",
      isQuiet: options.output.isQuiet, console: console)
    defer { progress.finish() }
    progress.update(0)
    let interruption = console.interruption
    var done = 0
    try run.answer(
      into: journal, with: pass, workspace: PassWorkspace(for: pass),
      cacheBytes: session.memory.limit,
      progress: {
        done += $0
        progress.update(Double(done))
      }, isCancelled: { interruption.isRequested })
  }

  private func repeated(folder: String, _ session: ModelSession) -> RepeatedCommand {
    let spec = commandRegistry.first { $0.spec.name == "evaluate \(kind.rawValue)" }?.spec
    return RepeatedCommand(
      of: spec ?? Command.evaluatePasskey.spec, arguments,
      positionals: [RepeatedCommand.fullModelPath(modelPath)]
        + inputs.map(RepeatedCommand.fullInputPath),
      values: [
        "memory": "\(BatchMemory(given: options.run.memory).limit)",
        "out": RepeatedCommand.fullPath(folder),
      ].merging(options.run.values) { own, _ in own },
      kernels: session.kernels, console: console)
  }

  private func show(_ evaluation: Evaluation, _ folder: EvaluationFolder) throws {
    if options.output.json { return try console.print(String(evaluation.json.dropLast())) }
    try console.print(
      EvaluationTable.render(evaluation, style: console.outputTerminal.style))
    try console.print("Results: \(Console.line(folder.path)) (open report.html there)")
  }
}

/// What tasks need of an open model and of this machine.
struct TaskSession {
  let session: ModelSession

  /// The text of files, a line feed between two.
  func text(of paths: [String]) throws -> String {
    for path in paths { try WrongKind.checkText(path) }
    return try Corpus(paths).text()
  }

  /// The paper's lengths, as far as they can be within the model's range: a token is seldom shorter
  /// than two characters.
  func fitting(characters lengths: Passkey.Lengths) -> Passkey.Lengths {
    guard case .characters(let all) = lengths else { return lengths }
    let most = session.model.spec.contextLength
    let fitting = all.filter { $0 / 8 <= most }
    return .characters(fitting.isEmpty ? Array(all.prefix(1)) : fitting)
  }
}

/// A model without a chat template that is known.
struct ChatRefusal: ExitCoded, CustomStringConvertible {
  let model: String

  var exitCode: ExitCode { .badInput }

  var description: String {
    "\(model): has no chat template of a family that is known "
      + "(\(ChatTemplate.Family.allCases.map(\.rawValue).joined(separator: ", ")))"
  }
}
