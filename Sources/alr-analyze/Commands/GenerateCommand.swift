import AttentionAnalysis
import Compression
import Foundation
import Inference
import ModelFiles
import Results
import Tokenization

extension Command {
  /// `generate MODEL --prompt TEXT`: a model to talk to, its cache compressed as asked.
  static let generate = Command(
    spec: CommandSpec(
      name: "generate",
      summary: "let MODEL go on from a prompt, its cache compressed as asked",
      positionals: [.model],
      options: GenerateOptions.specs, glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze generate ./SmolLM2-135M-Instruct --prompt Hello --keep-ratio 0.5",
        "alr-analyze generate ./SmolLM2-135M --prompt-file story.txt --raw",
      ]),
    run: { arguments, console in
      try Generation(options: GenerateOptions(arguments), console: console).run()
    })
}

/// What `generate` was asked to do.
struct GenerateOptions: Sendable {
  static let usualTokens = 256

  var model: String
  var prompt: String?
  var promptFile: String?
  var system: String?
  /// Whether the prompt is read as it is, without the model's chat template.
  var isRaw: Bool
  var maxTokens: Int
  var sampling: Sampling
  var compression: CompressionOptions
  var prunesWhileDecoding: Bool
  var run: RunOptions
  var isQuiet: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    model = arguments.positionals[0]
    prompt = arguments.value("prompt")
    promptFile = arguments.value("prompt-file")
    if prompt != nil, promptFile != nil { throw .conflictingOptions("prompt", "prompt-file") }
    if prompt == nil, promptFile == nil {
      throw .noneOf(["prompt", "prompt-file"], command: "generate")
    }
    system = arguments.value("system")
    isRaw = arguments.has("raw")
    if isRaw, system != nil { throw .conflictingOptions("raw", "system") }
    maxTokens = try arguments.integer("max-tokens", maximum: 1 << 20) ?? Self.usualTokens
    sampling = Sampling(
      temperature: try arguments.number("temperature", in: 0...100) ?? 0,
      topK: try arguments.integer("top-k"),
      topP: try arguments.number("top-p", in: 0...1) ?? 1,
      seed: UInt64(try arguments.wholeNumber("seed") ?? 0))
    compression = try CompressionOptions(arguments, timing: .afterPrompt)
    prunesWhileDecoding = arguments.has("prune-while-decoding")
    run = try RunOptions(arguments)
    isQuiet = arguments.has("quiet")
  }

  static let specs: [OptionSpec] =
    [
      .value("prompt", "TEXT", "what the model goes on from"),
      .path("prompt-file", "FILE", "the same from a file, or - for standard input"),
      .value("system", "TEXT", "a system message", default: "the model's own"),
      .flag("raw", "read the prompt as it is, without the model's chat template"),
      .value("max-tokens", "N", "new tokens at most", default: "\(usualTokens)"),
      .value(
        "temperature", "T", "0 takes the likeliest token, 1 draws by likelihood", default: "0"),
      .value("top-k", "K", "draw from the K likeliest tokens", default: "all"),
      .value("top-p", "P", "draw from the likeliest tokens of that share together", default: "1"),
    ]
    + CompressionOptions.specs(.afterPrompt).map { option in
      // One way of compressing, not a grid.
      var option = option
      option.isRepeatable = false
      return option
    } + [
      .flag("prune-while-decoding", "hold the cache to the size that it had behind the prompt"),
      .flag("force", "apply a plan for another model all the same"),
      .precision, .threads, .rope, .pre,
      .flag("quiet", "the text alone"),
    ]
}

/// One run of `generate`.
private struct Generation {
  let options: GenerateOptions
  let console: Console

  func run() throws {
    let session = try ModelSession(options.model, options.run, console)
    let tokenizer = try session.tokenizer()
    let spec = session.model.spec
    let grid = try options.compression.grid(
      for: spec, tokenizer: { tokenizer },
      fingerprint: { session.model.checkpoint.fingerprint() })
    guard let setting = grid.last else { return }
    let (ids, family) = try prompt(session, tokenizer)
    try spec.checkLength(ids.count + options.maxTokens)
    session.warn(chunkLength: ids.count + options.maxTokens - 1)
    if !options.isQuiet {
      console.writeError(
        "\(toolName): \(ids.count) tokens of prompt (\(family)); \(setting.setting.label)\n")
    }
    let pass = session.pass
    let interruption = console.interruption
    var whole = 0
    let began = console.now()
    let decoding = try Decoding(
      prompt: ids, rules: [setting.rule], newTokens: options.maxTokens, pass: pass,
      workspace: PassWorkspace(for: pass), sampling: options.sampling,
      prunesWhileDecoding: options.prunesWhileDecoding,
      isCancelled: { interruption.isRequested }, onPrompt: { whole = $0 })
    let prompted = console.now()
    let compressed = decoding.cacheBytes
    let ends = EndTokens.of(session.checkpoint, tokenizer)
    var writer = TextStream(tokenizer: tokenizer)
    while true {
      let generated = decoding.generated(0)
      guard let last = generated.last, !ends.contains(last) else { break }
      try console.printPart(writer.next(Array(generated)))
      if generated.count >= options.maxTokens || interruption.isRequested { break }
      try decoding.step()
    }
    try console.printPart(
      writer.rest(Array(decoding.generated(0).prefix { !ends.contains($0) })) + "\n")
    try interruption.check()
    if options.isQuiet { return }
    tell(
      prompt: ids.count, seconds: prompted - began, decoding: decoding,
      decodingSeconds: console.now() - prompted, whole: whole, compressed: compressed)
  }

  private func tell(
    prompt: Int, seconds: Double, decoding: Decoding, decodingSeconds: Double, whole: Int,
    compressed: Int
  ) {
    let steps = decoding.generated(0).count - 1
    let rate = steps > 0 && decodingSeconds > 0 ? Double(steps) / decodingSeconds : 0
    let lines = [
      "prompt: \(prompt) tokens in " + String(format: "%.2f s", seconds),
      "decoding: \(steps) tokens, "
        + String(format: "%.1f tokens/s", rate),
      "cache: \(QuantityText.bytes(whole)) after the prompt, \(QuantityText.bytes(compressed)) "
        + "compressed, \(QuantityText.bytes(decoding.cacheBytes)) at the end "
        + String(format: "(%.0f positions a KV head)", decoding.heldPositions(0)),
    ]
    for line in lines { console.writeError("\(toolName): \(line)\n") }
  }

  /// The prompt's ids, and how it was written.
  private func prompt(
    _ session: ModelSession, _ tokenizer: Tokenizer
  ) throws -> (ids: [Int32], family: String) {
    let text = try options.prompt ?? promptText()
    let chat =
      options.isRaw
      ? nil
      : try ChatTemplate.load(
        of: session.checkpoint, tokenizer: tokenizer)
    guard let chat else {
      if options.system != nil { throw ChatRefusal(model: options.model) }
      let ids = try PromptEncoder(tokenizer: tokenizer).ids(text)
      guard !ids.isEmpty else {
        throw UsageError.invalidValue(option: "prompt", value: text, expected: "at least one token")
      }
      return (ids, options.isRaw ? "raw" : "raw: no chat template of a known family")
    }
    var messages = [ChatMessage(.user, text)]
    if let system = options.system { messages.insert(ChatMessage(.system, system), at: 0) }
    return (tokenizer.encode(try chat.prompt(messages)), "chat: \(chat.family.rawValue)")
  }

  private func promptText() throws -> String {
    let path = options.promptFile ?? "-"
    try WrongKind.checkText(path)
    return try Corpus([path], options: Corpus.Options(format: .text)).text()
  }
}
