/// Recognises weights in a quantized form that is no tensor type: packed integers or FP8 with
/// scales and zero points beside them, without which the stored numbers mean nothing.
enum UnsupportedQuantization {
  /// The name of the scheme; `nil` where the weights are as they seem, FP8 without scales among
  /// them.
  static func scheme(configuration: JSONNode, tensors: TensorTable) -> String? {
    let nested = configuration["text_config"]
    let entries = [configuration, nested].compactMap { $0 }.flatMap {
      [$0["quantization_config"], $0["compression_config"]]
    }
    for case let entry? in entries where !entry.isNull {
      let method = entry["quant_method"]?.string?.lowercased()
      return method.map(displayName) ?? unnamedScheme(entry)
    }
    // Older GPTQ and AWQ exports say so only in a file beside the configuration.
    if tensors.contains(where: { $0.name.hasSuffix(".qweight") }) { return "GPTQ or AWQ" }
    return tensors.contains { hasScale($0, in: tensors) } ? "FP8 and scales" : nil
  }

  /// Whether the elements of an FP8 tensor are to be multiplied by another tensor's.
  private static func hasScale(_ tensor: TensorInfo, in tensors: TensorTable) -> Bool {
    switch tensor.type {
    case .f8E4M3, .f8E5M2, .f8E4M3FNUZ, .f8E5M2FNUZ: break
    default: return false
    }
    let name = tensor.name
    let suffix = ".weight"
    let module = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    return ["_scale", "_scale_inv"].contains { tensors[name + $0] != nil }
      || [".weight_scale", ".weight_scale_inv", ".input_scale", ".scale"].contains {
        tensors[module + $0] != nil
      }
  }

  private static func displayName(_ method: String) -> String {
    switch method {
    case "awq": "AWQ"
    case "fp8": "FP8"
    case "gptq": "GPTQ"
    default: method
    }
  }

  private static func unnamedScheme(_ entry: JSONNode) -> String {
    let isBitsAndBytes = ["load_in_4bit", "load_in_8bit"].contains { entry[$0]?.bool == true }
    return isBitsAndBytes ? "bitsandbytes" : "an unnamed scheme"
  }
}
