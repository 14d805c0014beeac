import Compression
import ModelFiles
import Tokenization

// `evaluate passkey`, `needle`, `longbench`, `ruler`: their arguments, and the tasks that follow.

extension Command {
  static let evaluatePasskey = Command(
    spec: CommandSpec(
      name: "evaluate passkey",
      summary: "ask MODEL for a number that is hidden in repeated sentences",
      positionals: [.model],
      options: [
        .lengths("tokens of a prompt, such as 1000,2000", usual: "the paper's, within the context"),
        .value("repeats", "N", "questions of each length", default: "10"),
      ] + TaskOptions.specs,
      glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze evaluate passkey ./SmolLM2-135M --keep-ratio 0.5"
      ]),
    run: { arguments, console in
      let lengths = try arguments.lengths()
      let repeats = try arguments.integer("repeats", maximum: 10_000) ?? 10
      try TaskEvaluation(.passkey, arguments, console).run { session in
        Passkey(
          lengths: lengths.map(Passkey.Lengths.tokens)
            ?? session.fitting(characters: Passkey.paperLengths),
          seeds: (0..<repeats).map(UInt64.init))
      }
    })

  static let evaluateNeedle = Command(
    spec: CommandSpec(
      name: "evaluate needle",
      summary: "ask MODEL for a sentence that is hidden in a long text",
      positionals: [
        .model,
        PositionalSpec(
          name: "HAYSTACK", help: "the text to hide it in, repeated as needed", arity: .oneOrMore),
      ],
      options: [
        .lengths("tokens of a prompt, such as 1000,2000", usual: "the paper's, within the context"),
        .value("depths", "LIST", "where the needle goes, in percent", default: "the paper's ten"),
        .value("needle", "TEXT", "the sentence to hide", default: "the sandwich of San Francisco"),
        .value("question", "TEXT", "what is asked", default: "of that needle"),
        .value("answer", "TEXT", "what is expected", default: "of that needle"),
        .value(
          "template", "TEXT", "the prompt, with {context} and {question}",
          default: "the paper's code's"),
      ] + TaskOptions.specs,
      glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze evaluate needle ./SmolLM2-135M novel.txt --keep-ratio 0.5"
      ]),
    run: { arguments, console in
      var options = Needle.Options()
      if let lengths = try arguments.lengths() { options.lengths = lengths }
      if let depths = try arguments.depths() { options.depths = depths }
      options.needle = arguments.value("needle") ?? options.needle
      options.question = arguments.value("question") ?? options.question
      options.answer = arguments.value("answer") ?? options.answer
      if let text = arguments.value("template") {
        options.template = try PromptTemplate(
          text, required: ["context"], optional: ["question"])
      }
      let chosen = options
      let paths = Array(arguments.positionals.dropFirst())
      try TaskEvaluation(.needle, arguments, console, inputs: paths).run { session in
        Needle(haystack: try session.text(of: paths), options: chosen)
      }
    })

  static let evaluateLongBench = Command(
    spec: CommandSpec(
      name: "evaluate longbench",
      summary: "ask MODEL the questions of LongBench's files",
      positionals: [
        .model,
        PositionalSpec(
          name: "FILE",
          help: "the benchmark's JSON lines: "
            + LongBenchSubset.all.map(\.name).joined(separator: ", "), arity: .oneOrMore),
      ],
      options: [
        .value("limit", "N", "records of each subset", default: "all"),
        .value(
          "template", "TEXT", "the prompt, with {context} and {input}",
          default: "the benchmark's own"),
      ] + TaskOptions.specs,
      glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze evaluate longbench model.gguf qasper.jsonl --keep-ratio 0.5"
      ]),
    run: { arguments, console in
      var options = LongBench.Options()
      options.limit = try arguments.integer("limit")
      options.maxNewTokens = try arguments.integer("max-tokens", maximum: 1 << 20)
      if let text = arguments.value("template") {
        options.template = try PromptTemplate(text, required: ["context"], optional: ["input"])
      }
      let chosen = options
      let paths = Array(arguments.positionals.dropFirst())
      try TaskEvaluation(.longbench, arguments, console, inputs: paths).run { _ in
        try LongBench(paths: paths, options: chosen)
      }
    })

  static let evaluateRuler = Command(
    spec: CommandSpec(
      name: "evaluate ruler",
      summary: "ask MODEL the made-up questions of RULER",
      positionals: [
        .model,
        PositionalSpec(
          name: "ESSAY", help: "a text for the tasks that hide needles in one", arity: .any),
      ],
      options: [
        .lengths("tokens of prompt and answer", usual: "4096"),
        .value(
          "tasks", "LIST", Ruler.Kind.allCases.map(\.rawValue).joined(separator: ", "),
          default: "all; without ESSAY those that need none"),
        .value("samples", "N", "questions of each task and length", default: "50"),
      ] + TaskOptions.specs,
      glossary: CompressionOptions.glossary,
      examples: [
        "alr-analyze evaluate ruler ./SmolLM2-135M novel.txt --keep-ratio 0.5"
      ]),
    run: { arguments, console in
      let paths = Array(arguments.positionals.dropFirst())
      var options = Ruler.Options()
      if let lengths = try arguments.lengths() { options.lengths = lengths }
      if let samples = try arguments.integer("samples", maximum: 100_000) {
        options.samples = samples
      }
      if let seed = try arguments.wholeNumber("seed") { options.seed = UInt64(seed) }
      if let list = arguments.value("tasks") {
        options.kinds = []
        for name in list.split(separator: ",", omittingEmptySubsequences: false) {
          let kind = try Ruler.Kind.named(String(name))
          if !options.kinds.contains(kind) { options.kinds.append(kind) }
        }
      } else if paths.isEmpty {
        options.kinds = Ruler.Kind.allCases.filter { !$0.needsEssay }
      }
      let chosen = options
      try TaskEvaluation(.ruler, arguments, console, inputs: paths).run { session in
        Ruler(essay: paths.isEmpty ? nil : try session.text(of: paths), options: chosen)
      }
    })
}

extension OptionSpec {
  fileprivate static func lengths(_ help: String, usual: String) -> OptionSpec {
    .value("lengths", "LIST", help, default: usual)
  }
}

extension ParsedArguments {
  /// `--lengths`: numbers above 0 with commas between; `nil` where there are none.
  fileprivate func lengths() throws(UsageError) -> [Int]? {
    try numbers("lengths", 1...(1 << 30), expected: "numbers above 0 such as 1000,2000")
  }

  /// `--depths`.
  fileprivate func depths() throws(UsageError) -> [Int]? {
    try numbers("depths", 0...100, expected: "numbers from 0 to 100 such as 0,50,100")
  }

  private func numbers(
    _ option: String, _ range: ClosedRange<Int>, expected: String
  ) throws(UsageError) -> [Int]? {
    guard let text = value(option) else { return nil }
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = NumberList.number(part), range.contains(number) else {
        throw .invalidValue(option: option, value: text, expected: expected)
      }
      if !numbers.contains(number) { numbers.append(number) }
    }
    return numbers
  }
}
