/// Models that are no decoder of the kind that is run here, by the names that files give them: for
/// these a list of what is supported would be no answer.
enum OtherModels {
  /// What is to be said of `name`; `nil` where nothing is known of it.
  static func refusal(_ name: String) -> InferenceError? {
    if encoders.contains(name) { return .notDecoderOnly(name) }
    if prefixModels.contains(name) {
      return .unsuitableAttention(name, reason: "lets tokens of a prompt see those behind them")
    }
    if latentAttention.contains(name) {
      return .unsuitableAttention(name, reason: "caches latent vectors instead of keys")
    }
    if otherMixers.contains(name) {
      return .unsuitableAttention(name, reason: "has layers that cache a state instead of keys")
    }
    return nil
  }

  private static let encoders: Set<String> = [
    "albert", "bart", "beit", "bert", "big_bird", "blip", "blip-2", "camembert", "clip", "convbert",
    "deberta", "deberta-v2", "deit", "dinov2", "distilbert", "electra", "ernie", "esm", "funnel",
    "jina-bert-v2", "layoutlm", "longformer", "marian", "mbart", "mobilebert", "modern-bert",
    "modernbert", "mpnet", "mt5", "nomic-bert", "nomic_bert", "pegasus", "roberta", "roformer",
    "siglip", "squeezebert", "t5", "t5encoder", "t5gemma", "vit", "wav2vec2", "whisper",
    "xlm-roberta", "xlm-roberta-xl",
  ]

  /// Their text models are ones of the registry, but for the mask.
  private static let prefixModels: Set<String> = ["colpali", "paligemma"]

  private static let latentAttention: Set<String> = [
    "deepseek2", "deepseek_v2", "deepseek_v3", "deepseek_v32", "glm4_moe_lite", "kimi_k2",
    "longcat_flash", "minicpm3",
  ]

  private static let otherMixers: Set<String> = [
    "bamba", "falcon-h1", "falcon_h1", "falcon_mamba", "granitehybrid", "granitemoehybrid", "jamba",
    "lfm2", "mamba", "mamba2", "nemotron_h", "plamo2", "qwen3_next", "qwen3next",
    "recurrent_gemma", "rwkv", "rwkv6", "rwkv7", "xlstm", "zamba", "zamba2",
  ]
}
