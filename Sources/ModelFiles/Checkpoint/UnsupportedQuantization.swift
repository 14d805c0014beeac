/// Recognises weights in a quantized form that is no tensor type: packed integers with scales and
/// zero points beside them, without which the stored numbers mean nothing. FP8 weights with scales
/// of their own are read.
enum UnsupportedQuantization {
  /// The name of the scheme, and the field that says so; `nil` where the weights are as they seem,
  /// or FP8 with scales.
  static func scheme(
    configuration: JSONNode, tensors: TensorTable
  ) -> (name: String, field: String?)? {
    let nested = configuration["text_config"]
    for node in [configuration, nested].compactMap({ $0 }) {
      for field in ["quantization_config", "compression_config", "quantization"] {
        guard let entry = node[field], !entry.isNull else { continue }
        let method = entry["quant_method"]?.string?.lowercased()
        if isFP8(method, entry) || method == "none" { continue }
        guard let method else { return (unnamedScheme(entry), field) }
        let kind = [entry["format"], entry["quant_algo"]].compactMap { $0?.string }.first
        return (displayName(method) + (kind.map { " (\($0))" } ?? ""), field)
      }
    }
    return schemeOfTensors(tensors).map { ($0, nil) }
  }

  /// Some exports say it only in a file beside the configuration, or nowhere.
  private static func schemeOfTensors(_ tensors: TensorTable) -> String? {
    for tensor in tensors {
      let name = tensor.name
      if let known = endings.first(where: { name.hasSuffix($0.ending) }) { return known.scheme }
      if name.hasSuffix(".scales") {
        let module = name.dropLast(".scales".count)
        if tensors["\(module).weight"]?.type == .u32 { return "MLX" }
      }
    }
    return tensors.contains { hasUnknownScale($0, in: tensors) } ? "FP8 and scales" : nil
  }

  /// Of tensors that only one scheme has.
  private static let endings: [(ending: String, scheme: String)] = [
    (".qweight", "GPTQ or AWQ"), (".weight.absmax", "bitsandbytes"), (".SCB", "bitsandbytes"),
    (".weight_packed", "compressed-tensors"), (".q_weight", "EXL2"), (".trellis", "EXL3"),
    (".W_q", "HQQ"),
  ]

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
    if isBitsAndBytes { return "bitsandbytes" }
    // MLX says what it did, and not that it was MLX.
    if let bits = entry["bits"]?.int, entry["group_size"]?.int != nil {
      return "MLX (\(bits) bits)"
    }
    return "an unnamed scheme"
  }
}
