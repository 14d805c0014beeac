/// Recognises weights in a quantized form that is no tensor type: packed integers with scales and
/// zero points beside them, without which the stored numbers mean nothing. FP8 weights with scales
/// of their own are read.
enum UnsupportedQuantization {
  /// The name of the scheme; `nil` where the weights are as they seem, or FP8 with scales.
  static func scheme(configuration: JSONNode, tensors: TensorTable) -> String? {
    let nested = configuration["text_config"]
    let entries = [configuration, nested].compactMap { $0 }.flatMap {
      [$0["quantization_config"], $0["compression_config"]]
    }
    for case let entry? in entries where !entry.isNull {
      let method = entry["quant_method"]?.string?.lowercased()
      if isFP8(method, entry) { continue }
      guard let method else { return unnamedScheme(entry) }
      let kind = [entry["format"], entry["quant_algo"]].compactMap { $0?.string }.first
      return displayName(method) + (kind.map { " (\($0))" } ?? "")
    }
    // Older GPTQ and AWQ exports say so only in a file beside the configuration.
    if tensors.contains(where: { $0.name.hasSuffix(".qweight") }) { return "GPTQ or AWQ" }
    return tensors.contains { hasUnknownScale($0, in: tensors) } ? "FP8 and scales" : nil
  }

  /// Whether the scheme is FP8 weights, each tensor with scales under a name of its own.
  private static func isFP8(_ method: String?, _ entry: JSONNode) -> Bool {
    switch method {
    case "fp8", "fbgemm_fp8": true
    // The one format of it that stores neither packed nor integer weights.
    case "compressed-tensors": entry["format"]?.string == "float-quantized"
    default: false
    }
  }

  /// Whether the elements of an FP8 tensor are to be multiplied by another tensor's in a way that
  /// is not known, or are of a type that is not.
  private static func hasUnknownScale(_ tensor: TensorInfo, in tensors: TensorTable) -> Bool {
    let name = tensor.name
    let suffix = ".weight"
    let module = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    let own = [name + "_scale", name + "_scale_inv"]
    let others = [".weight_scale", ".weight_scale_inv", ".input_scale", ".scale"].map {
      module + $0
    }
    switch tensor.type {
    case .f8E4M3, .f8E5M2:
      return !own.contains { tensors[$0] != nil } && others.contains { tensors[$0] != nil }
    case .f8E4M3FNUZ, .f8E5M2FNUZ:
      return (own + others).contains { tensors[$0] != nil }
    default:
      return false
    }
  }

  private static func displayName(_ method: String) -> String {
    switch method {
    case "awq": "AWQ"
    case "gptq": "GPTQ"
    default: method
    }
  }

  private static func unnamedScheme(_ entry: JSONNode) -> String {
    let isBitsAndBytes = ["load_in_4bit", "load_in_8bit"].contains { entry[$0]?.bool == true }
    return isBitsAndBytes ? "bitsandbytes" : "an unnamed scheme"
  }
}
