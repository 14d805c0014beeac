import ModelFiles

/// The ways of splitting text that GGUF files name by `tokenizer.ggml.pre`.
struct GGUFPretokenizer: Sendable {
  let pretokenizer: Pretokenizer
  let composes: Bool
  let ignoresMerges: Bool
  /// Whether a BOS is put before a text where the file does not say.
  let addsBOS: Bool

  private init(
    _ steps: [Pretokenizer.Step], composes: Bool = false, ignoresMerges: Bool = false,
    addsBOS: Bool = false
  ) {
    pretokenizer = Pretokenizer(steps: steps)
    self.composes = composes
    self.ignoresMerges = ignoresMerges
    self.addsBOS = addsBOS
  }

  private static let digits = Pretokenizer.Step.digits(individual: true)
  private static func split(_ pattern: SplitPattern) -> Pretokenizer.Step {
    .split(pattern, keepsRest: true)
  }
  private static func runs(
    lead: ScalarClass? = nil, _ body: ScalarClass, _ counts: ClosedRange<Int> = 1...Int.max
  ) -> Pretokenizer.Step {
    .runs(ClassRun(lead: lead, body, counts), keepsRest: true)
  }

  static let gpt2 = GGUFPretokenizer([split(.gpt2)])
  static let composedGPT2 = GGUFPretokenizer([split(.gpt2)], composes: true)
  static let digitsGPT2 = GGUFPretokenizer([digits, split(.gpt2)])
  static let composedDigitsGPT2 = GGUFPretokenizer([digits, split(.gpt2)], composes: true)
  static let llama3 = GGUFPretokenizer([split(.llama3)], ignoresMerges: true, addsBOS: true)
  static let dbrx = GGUFPretokenizer([split(.llama3)])
  static let qwen2 = GGUFPretokenizer([split(.qwen2)], composes: true)
  static let stablelm2 = GGUFPretokenizer([split(.qwen2)])
  static let tekken = GGUFPretokenizer([split(.tekken)], ignoresMerges: true, addsBOS: true)
  static let gpt4o = GGUFPretokenizer([split(.gpt4o)])
  static let deepSeek3 = GGUFPretokenizer([
    runs(ScalarClass(.number), 1...3),
    // Han, Hiragana and Katakana.
    runs(ScalarClass(ranges: [0x4E00...0x9FA5, 0x3040...0x309F, 0x30A0...0x30FF])),
    split(.deepSeekText),
  ])
  static let deepSeekCoder = GGUFPretokenizer([
    runs(ScalarClass(ranges: [0x0A...0x0A, 0x0D...0x0D]), 1...1),
    runs(lead: ScalarClass(.space), ScalarClass(.letter)),
    runs(lead: ScalarClass(.space), ScalarClass(.punctuation)),
    // Everything from U+0800 to the last of the older Han, and Hangul.
    runs(ScalarClass(ranges: [0x0800...0x9FA5, 0xAC00...0xD7FF])),
    digits,
  ])

  private static let byName: [(name: String, value: GGUFPretokenizer)] = [
    ("default", gpt2), ("gpt-2", gpt2), ("phi-2", gpt2),
    ("olmo", composedGPT2), ("mpt", composedGPT2),
    ("smollm", digitsGPT2), ("starcoder", digitsGPT2), ("refact", digitsGPT2),
    ("command-r", composedDigitsGPT2),
    ("llama-bpe", llama3), ("llama3", llama3), ("llama-v3", llama3), ("pixtral", llama3),
    ("dbrx", dbrx), ("smaug-bpe", dbrx),
    ("qwen2", qwen2), ("stablelm2", stablelm2),
    ("tekken", tekken), ("deepseek-v3", deepSeek3), ("deepseek-coder", deepSeekCoder),
    ("gpt-4o", gpt4o),
  ]

  /// Every name that is understood.
  static var names: [String] { byName.map(\.name) }

  init(named name: String) throws(TokenizerProblem) {
    guard let known = Self.byName.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      throw .unknownPretokenizerName(name, known: Self.names)
    }
    self = known.value
  }
}
