import ModelFiles

/// The text model that a `config.json` describes, be it the whole model or part of a multimodal
/// one.
struct TextModel: Sendable {
  let configuration: HuggingFaceConfiguration
  /// As `ArchitectureRegistry` knows it.
  let architecture: Architecture
  /// `model_type` of the multimodal model around it; `nil` where it stands alone.
  let wrapper: String?

  init(_ root: JSONNode) throws(InferenceError) {
    let outer = HuggingFaceConfiguration(root)
    let name = try outer.modelType
    if let alone = try? ArchitectureRegistry.named(huggingFace: name) {
      (configuration, architecture, wrapper) = (outer, alone, nil)
      return
    }
    if root["is_encoder_decoder"]?.bool == true { throw .notDecoderOnly(name) }
    if let refusal = OtherModels.refusal(name) { throw refusal }
    if let nested = root["text_config"], nested.kind == .object {
      let type = try HuggingFaceConfiguration(nested).modelType
      architecture = try ArchitectureRegistry.named(huggingFace: Self.aliases[type] ?? type)
      configuration = HuggingFaceConfiguration(
        nested, defaultSizes: Self.defaultSizes[type] ?? [:],
        defaultNumbers: Self.defaultNumbers[type] ?? [:])
    } else if root["vision_config"] != nil, Self.flatTypes.contains(name) {
      architecture = .qwen2
      configuration = HuggingFaceConfiguration(root, defaultNumbers: Self.qwen2VisionNumbers)
    } else {
      // Says what is known.
      _ = try ArchitectureRegistry.named(huggingFace: name)
      throw .missingField("text_config")
    }
    wrapper = name
  }

  /// Text models that are ones of the registry under another name: where all tokens are text, what
  /// they have for images makes no difference.
  private static let aliases = [
    "qwen2_vl_text": "qwen2",
    "qwen2_5_vl_text": "qwen2",
    "qwen3_vl_text": "qwen3",
  ]

  /// Published before there was a `text_config`: its fields lie beside `vision_config`.
  private static let flatTypes: Set<String> = ["qwen2_vl", "qwen2_5_vl"]

  private static let qwen2VisionNumbers = ["rope_theta": 1_000_000, "rms_norm_eps": 1e-5]

  private static let defaultNumbers: [String: [String: Double]] = [
    "qwen2_vl_text": qwen2VisionNumbers,
    "qwen2_5_vl_text": qwen2VisionNumbers,
    "qwen3_vl_text": ["rope_theta": 500_000],
  ]

  private static let qwen2VisionSizes = [
    "vocab_size": 152_064, "hidden_size": 8192, "intermediate_size": 29_568,
    "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
  ]

  /// A `text_config` leaves out what equals the defaults of transformers.
  private static let defaultSizes: [String: [String: Int]] = [
    "gemma": [
      "vocab_size": 256_000, "hidden_size": 3072, "intermediate_size": 24_576,
      "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 16,
      "head_dim": 256,
    ],
    "gemma2": [
      "vocab_size": 256_000, "hidden_size": 2304, "intermediate_size": 9216,
      "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
      "head_dim": 256,
    ],
    "gemma3_text": [
      "vocab_size": 262_208, "hidden_size": 2304, "intermediate_size": 9216,
      "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
      "head_dim": 256,
    ],
    "llama": [
      "vocab_size": 32_000, "hidden_size": 4096, "intermediate_size": 11_008,
      "num_hidden_layers": 32, "num_attention_heads": 32,
    ],
    "mistral": [
      "vocab_size": 32_000, "hidden_size": 4096, "intermediate_size": 14_336,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    ],
    "qwen2": [
      "vocab_size": 151_936, "hidden_size": 4096, "intermediate_size": 22_016,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
    ],
    "qwen2_vl_text": qwen2VisionSizes,
    "qwen2_5_vl_text": qwen2VisionSizes,
    "qwen3_vl_text": [
      "vocab_size": 151_936, "hidden_size": 4096, "intermediate_size": 22_016,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
      "head_dim": 128,
    ],
  ]
}

extension TensorNames {
  /// What the tensors of a multimodal checkpoint's text model begin with, in the spellings of the
  /// years.
  static let textModelPrefixes = [
    "language_model.", "model.language_model.", "model.text_model.", "text_model.",
  ]

  /// The same names within a multimodal checkpoint.
  func withinMultimodal() -> TensorNames {
    var copy = self
    let nested = Self.textModelPrefixes.flatMap { outer in prefixes.map { outer + $0 } }
    copy.prefixes = nested + prefixes
    copy.outputPrefixes = Self.textModelPrefixes + [""]
    return copy
  }
}
