import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Results
import Tokenization

extension Command {
  /// `capture MODEL`: what one pass over one prompt shows.
  static let capture = Command(
    spec: CommandSpec(
      name: "capture",
      summary: "store attention maps, key norms, keys and values of one prompt",
      positionals: [.model],
      options: CaptureOptions.specs,
      examples: [
        "alr-analyze capture ./SmolLM2-135M --file prompt.txt --what all",
        "alr-analyze capture model.gguf --file essay.txt --layers 0,5-8 --threshold 0.1",
      ]),
    run: { arguments, console in
      try PromptCapturing(options: CaptureOptions(arguments), console: console).run(arguments)
    })
}

/// What `capture` was asked to do, but for what depends on the model.
struct CaptureOptions: Sendable, Equatable {
  var model: String
  var text: String?
  var file: String?
  var parts: Set<CapturePart>
  /// `nil` for whole maps.
  var threshold: Double?
  var format: CaptureFormat
  var maxSize: Int
  var bos: Chunker.BOS
  var run: RunOptions
  /// A folder or a file; `nil`: by the model's name.
  var output: String?
  var force: Bool
  var json: Bool
  var isQuiet: Bool

  init(_ arguments: ParsedArguments) throws {
    model = arguments.positionals[0]
    text = arguments.value("text")
    file = arguments.value("file")
    parts = try Self.parts(arguments)
    threshold = try arguments.number("threshold", in: 0...1)
    let output = arguments.value("out")
    let suffix = output.flatMap(CaptureFormat.init(path:))
    format = arguments.choice("format", default: suffix ?? .npz)
    self.output = output
    // Readers go by the name.
    if let suffix, suffix != format {
      throw UsageError.invalidValue(
        option: "format", value: format.rawValue,
        expected: "the ending of --out's name, '\(suffix.rawValue)'")
    }
    maxSize = try arguments.captureLimit()
    bos = arguments.bos
    run = try RunOptions(arguments)
    force = arguments.has("force")
    json = arguments.has("json")
    isQuiet = arguments.has("quiet")
    if text == nil, file == nil { throw UsageError.noneOf(["text", "file"], command: "capture") }
    if text != nil, file != nil { throw UsageError.conflictingOptions("text", "file") }
  }

  private static func parts(_ arguments: ParsedArguments) throws(UsageError) -> Set<CapturePart> {
    guard let list = arguments.value("what") else { return Set(CapturePart.usual) }
    if list == "all" { return Set(CapturePart.allCases) }
    var parts: Set<CapturePart> = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let part = CapturePart(rawValue: String(name)) else {
        throw .unknownChoice(
          option: "what", value: String(name),
          choices: CapturePart.allCases.map(\.rawValue) + ["all"],
          suggestion: Suggestion.nearest(
            to: String(name), among: CapturePart.allCases.map(\.rawValue)))
      }
      parts.insert(part)
    }
    return parts
  }

  static let specs: [OptionSpec] = [
    .value("text", "TEXT", "the prompt"),
    .path("file", "FILE", "a file with the prompt, or - for standard input"),
    .value("layers", "LIST", "layers to keep, such as 0,5-8", default: "all"),
    .value("heads", "LIST", "query heads to keep of each, with the keys they read", default: "all"),
    .value(
      "what", "LIST",
      "what to keep: attention, norms, keys, values, rotated-keys, rotated-queries, or all",
      default: "attention,norms,keys,values"),
    .value("threshold", "T", "keep only attention scores above T, as sparse rows"),
    .choice(
      "format", CaptureFormat.allCases.map(\.rawValue), "file format", default: "as --out says, npz"
    ),
    .value("max-size", "SIZE", "refuse to keep more than this", default: "1G"),
    .choice(
      "bos", "put a BOS token in front; auto does what the tokenizer does",
      default: Chunker.BOS.auto),
    .precision,
    .threads,
    .rope,
    .pre,
    .path(
      "out", "PATH", "folder or file to write", default: "alr-results/NAME-capture"),
    .flag("force", "overwrite an earlier capture"),
    .flag("json", "print what the first token does as JSON instead of a table"),
    .quiet,
    .printCommand,
  ]
}

/// One run of `capture`.
private struct PromptCapturing {
  let options: CaptureOptions
  let console: Console

  func run(_ arguments: ParsedArguments) throws {
    let session = try ModelSession(options.model, options.run, console)
    let model = session.model
    let (folder, name) = target(session.checkpoint.name)
    let request = CaptureRequest(
      layers: try arguments.indices("layers", below: model.spec.layerCount),
      heads: try arguments.indices("heads", below: model.spec.headCount),
      parts: options.parts, threshold: options.threshold)
    if arguments.has(OptionSpec.printCommand.name) {
      return try console.print(repeated(arguments, folder: folder, kernels: session.kernels).line)
    }
    let text = try options.text.map { Array($0.utf8) } ?? prompt(in: options.file ?? "-")
    let job = try PromptJob(
      model: model, tokenizer: session.tokenizer(), text: text, bos: options.bos, request: request,
      limit: options.maxSize, format: options.format,
      console: console)
    session.warn()
    // Found before the pass and kept, whatever becomes of links on the way.
    let results = ResultsFolder(folder)
    try results.prepareCapture(named: name, force: options.force)

    let capture = try job.run(
      with: session.pass, summary: ModelSummary(model), isQuiet: options.isQuiet)
    let path = results.path(to: name)
    let bytes = try PromptJob.encode(capture, as: options.format, path: path)
    try results.prepareCapture(named: name, force: options.force)
    try results.add([.init(name: name, bytes: bytes)])
    try show(capture, path: path, bytes: bytes.count)
  }

  private func prompt(in file: String) throws -> [UInt8] {
    try WrongKind.checkText(file)
    let interruption = console.interruption
    return try Corpus.contents(
      of: file, limit: Corpus.longestRecord, isCancelled: { interruption.isRequested })
  }

  private func repeated(
    _ arguments: ParsedArguments, folder: String, kernels: Kernels
  ) -> RepeatedCommand {
    RepeatedCommand(
      of: Command.capture.spec, arguments,
      positionals: [RepeatedCommand.fullModelPath(options.model)],
      values: [
        "file": options.file.map(RepeatedCommand.fullInputPath),
        "layers": arguments.value("layers") ?? "all", "heads": arguments.value("heads") ?? "all",
        "what": CapturePart.allCases.filter(options.parts.contains).map(\.rawValue)
          .joined(separator: ","),
        "format": options.format.rawValue, "max-size": "\(options.maxSize)",
        "bos": options.bos.rawValue,
        "out": RepeatedCommand.fullPath(options.output ?? folder),
      ].merging(options.run.values) { own, _ in own }, kernels: kernels, console: console)
  }

  /// Where the file goes.
  private func target(_ modelName: String) -> (folder: String, name: String) {
    let name = options.format.fileName
    guard let output = options.output else { return ("alr-results/\(modelName)-capture", name) }
    return CaptureFormat(path: output) == nil ? (output, name) : ResultsPath.split(output)
  }

  private func show(_ capture: PromptCapture, path: String, bytes: Int) throws {
    let layers = FirstToken.layers(of: capture)
    if options.json {
      return try console.print([
        "path": .string(path), "bytes": .int(bytes), "tokens": .int(capture.tokens.count),
        "first_token": .array(layers.map(Self.json)),
      ])
    }
    if !layers.isEmpty {
      let label = Console.line(capture.tokens[0].label)
      try console.print("What the first token, \(label), does:")
      try console.print(Self.table(layers))
      if case .sparse(let kept) = capture.arrays.attention {
        try console.print(
          "Attention counts scores above \(kept.threshold) alone: no others are kept.")
      }
    }
    try console.print("Capture: \(Console.line(path)) (\(QuantityText.bytes(bytes)))")
  }

  private static func json(_ row: FirstToken) -> JSONValue {
    [
      "layer": .int(row.layer), "kv_heads": .int(row.kvHeads),
      "lowest_norm": JSONValue(row.lowestNorms), "norm_over_median": .double(row.relativeNorm),
      "heads": .int(row.heads), "most_attended": JSONValue(row.mostAttended),
      "attention": .double(row.attention),
    ]
  }

  private static func table(_ layers: [FirstToken]) -> String {
    func fixed(_ value: Double?) -> String {
      value.map { String(format: "%.3f", locale: nil, $0) } ?? "-"
    }
    func share(_ count: Int?, of all: Int) -> String { count.map { "\($0)/\(all)" } ?? "-" }
    let head = ["layer", "lowest norm", "norm/median", "most attended", "attention"]
    let rows =
      [head]
      + layers.map { row in
        [
          "\(row.layer)", share(row.lowestNorms, of: row.kvHeads), fixed(row.relativeNorm),
          share(row.mostAttended, of: row.heads), fixed(row.attention),
        ]
      }
    return rows.map { row in
      zip(row, head).map { cell, title in cell.leftPadded(to: title.count) }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
