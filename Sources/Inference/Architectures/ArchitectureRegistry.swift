import ModelFiles

/// How one architecture is recognised and read from each kind of configuration.
struct Architecture: Sendable {
  /// `model_type` of `config.json`.
  let name: String
  let fromHuggingFace:
    @Sendable (HuggingFaceConfiguration) throws(InferenceError) -> ArchitectureSpec
  var names = TensorNames.llama
  var layout = TensorLayout()
  /// `nil` where GGUF files of it are files of another architecture.
  var gguf: GGUFForm?

  /// The architecture in GGUF files.
  struct GGUFForm: Sendable {
    /// `general.architecture`.
    let name: String
    let read: @Sendable (GGUFConfiguration) throws(InferenceError) -> ArchitectureSpec
    var names = TensorNames.gguf
    /// Whether q and k rows are stored as interleaved pairs.
    var isInterleaved = false
  }
}

/// How safetensors checkpoints lay out their matrices.
struct TensorLayout: Sendable {
  /// Whether matrices lie (in, out), as GPT-2's do.
  var isTransposed = false
  /// Whether a fused projection holds q, k and v of one head after another, instead of all q, all
  /// k and all v.
  var fusesEachHead = false
}

/// Every architecture that can be run: adding one is a file and a line here.
enum ArchitectureRegistry {
  static let all: [Architecture] = [
    .gemma,
    .gemma2,
    .gemma3,
    .gpt2,
    .gptNeoX,
    .granite,
    .llama,
    .mistral,
    .mixtral,
    .olmo2,
    .olmo3,
    .phi,
    .phi3,
    .qwen2,
    .qwen3,
    .qwen3MoE,
    .smolLM3,
    .stableLM,
    .starCoder2,
  ]

  static func named(huggingFace name: String) throws(InferenceError) -> Architecture {
    guard let match = all.first(where: { $0.name == name }) else {
      throw OtherModels.refusal(name) ?? .unknownArchitecture(name, known: all.map(\.name))
    }
    return match
  }

  static func named(
    gguf name: String
  ) throws(InferenceError) -> (Architecture, Architecture.GGUFForm) {
    for architecture in all {
      if let form = architecture.gguf, form.name == name { return (architecture, form) }
    }
    throw OtherModels.refusal(name)
      ?? .unknownArchitecture(name, known: all.compactMap(\.gguf?.name))
  }
}
