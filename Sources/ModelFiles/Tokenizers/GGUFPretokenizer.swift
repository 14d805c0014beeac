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

  static let gpt2 = GGUFPretokenizer([split(.gpt2)])
  static let composedGPT2 = GGUFPretokenizer([split(.gpt2)], composes: true)
  static let digitsGPT2 = GGUFPretokenizer([digits, split(.gpt2)])
  static let composedDigitsGPT2 = GGUFPretokenizer([digits, split(.gpt2)], composes: true)
  static let llama3 = GGUFPretokenizer([split(.llama3)], ignoresMerges: true, addsBOS: true)
  static let dbrx = GGUFPretokenizer([split(.llama3)])
  static let qwen2 = GGUFPretokenizer([split(.qwen2)], composes: true)
  static let stablelm2 = GGUFPretokenizer([split(.qwen2)])
  static let tekken = GGUFPretokenizer([split(.tekken)], ignoresMerges: true, addsBOS: true)
  static let deepSeek3 = GGUFPretokenizer([
    split(.threeNumbers), split(.deepSeekIdeographs), split(.deepSeekText),
  ])

  private static let byName: [(name: String, value: GGUFPretokenizer)] = [
    ("default", gpt2), ("gpt-2", gpt2), ("phi-2", gpt2),
    ("olmo", composedGPT2), ("mpt", composedGPT2),
    ("smollm", digitsGPT2), ("starcoder", digitsGPT2), ("refact", digitsGPT2),
    ("command-r", composedDigitsGPT2),
    ("llama-bpe", llama3), ("llama3", llama3), ("llama-v3", llama3), ("pixtral", llama3),
    ("dbrx", dbrx), ("smaug-bpe", dbrx),
    ("qwen2", qwen2), ("stablelm2", stablelm2),
    ("tekken", tekken), ("deepseek-v3", deepSeek3),
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
