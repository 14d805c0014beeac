/// Recognises weights in a quantized form that is no tensor type: packed integers with scales
/// and zero points beside them, which only their own library can read.
enum UnsupportedQuantization {
  /// The name of the scheme; `nil` where the weights are as they seem.
  ///
  /// Block-scaled FP8 (`quant_method: fp8`) is supported: its tensors have a type of their own.
  static func scheme(configuration: JSONNode, tensors: TensorTable) -> String? {
    let nested = configuration["text_config"]
    let entries = [configuration, nested].compactMap { $0 }.flatMap {
      [$0["quantization_config"], $0["compression_config"]]
    }
    for case let entry? in entries where !entry.isNull {
      let method = entry["quant_method"]?.string?.lowercased()
      if method == "fp8" { continue }
      return method.map(displayName) ?? unnamedScheme(entry)
    }
    // Older GPTQ and AWQ exports say so only in a file beside the configuration.
    return tensors.contains { $0.name.hasSuffix(".qweight") } ? "GPTQ or AWQ" : nil
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
