import ModelFiles

/// What an architecture's files may leave out about a rotation.
struct RotaryDefaults {
  var base: Double = 10_000
  /// Of a head's dimensions that rotate; `nil` where all do and a file has no say in it.
  var share: Double?
  /// The context that longrope starts from; `nil` for `max_position_embeddings`.
  var originalContext: Int?
}

extension HuggingFaceConfiguration {
  /// The rotation, from `rope_parameters` or the older fields.
  ///
  /// - Parameters:
  ///   - defaults: where the file says nothing.
  ///   - layerType: the member of `rope_parameters` that holds the parameters of such layers.
  ///   - baseField: the older name of the base.
  ///   - shareField: the older name of the share.
  ///   - ignoresScaling: the older `rope_scaling` is for other layers.
  func rotary(
    headDim: Int, _ defaults: RotaryDefaults, layerType: String? = nil,
    baseField: String = "rope_theta", shareField: String = "partial_rotary_factor",
    ignoresScaling: Bool = false
  ) throws(InferenceError) -> RotarySpec {
    let newer = try rotaryParameters(layerType: layerType, defaults)
    let older = ignoresScaling ? nil : try olderScaling(layerType: layerType)
    let base =
      try agreed("rope_theta", newer, older, field: baseField) ?? defaultNumbers["rope_theta"]
      ?? defaults.base
    let given = try agreed("partial_rotary_factor", newer, older, field: shareField)
    guard defaults.share != nil || given == nil || given == 1 else {
      throw .unsupportedValue(field: shareField, value: RotarySpec.shortest(given ?? 1))
    }
    let share = given ?? defaults.share ?? 1
    guard share <= 1 else { throw .invalidField(shareField, expected: "at most 1") }
    // A base of 1 or below turns the formulas of yarn over.
    guard base > 1 else { throw .invalidField(baseField, expected: "above 1") }
    var rotary = RotarySpec(dimension: Int(Double(headDim) * share), base: base)
    guard rotary.dimension.isMultiple(of: 2), rotary.dimension > 0 else {
      throw .invalidField(shareField, expected: "such that an even number of dimensions rotates")
    }
    if let newer { rotary.scaling = try scaling(newer, rotary.dimension, defaults) }
    if let older {
      let scaling = try scaling(older, rotary.dimension, defaults)
      guard newer == nil || scaling == rotary.scaling else {
        throw .conflictingFields("rope_scaling", "rope_parameters")
      }
      rotary.scaling = scaling
    }
    return rotary
  }

  private func olderScaling(layerType: String?) throws(InferenceError) -> RotaryParameters? {
    guard let node = value("rope_scaling") else { return nil }
    let older = try RotaryParameters(node, field: "rope_scaling")
    // Of a model with several rotations transformers passes over the oldest spelling.
    if layerType != nil, !older.has("rope_type") { throw .missingField("rope_scaling.rope_type") }
    return older
  }

  /// `rope_parameters`, or the member of it for layers of one type.
  private func rotaryParameters(
    layerType: String?, _ defaults: RotaryDefaults
  ) throws(InferenceError) -> RotaryParameters? {
    let field = "rope_parameters"
    guard let node = value(field) else { return nil }
    let all = try RotaryParameters(node, field: field)
    let isNested = ["full_attention", "sliding_attention"].contains { node[$0] != nil }
    guard let layerType else {
      guard !isNested else {
        throw .invalidField(field, expected: "one rotation for layers of all types")
      }
      return all
    }
    if isNested {
      guard let nested = node[layerType], !nested.isNull else { return nil }
      let parameters = try RotaryParameters(nested, field: "\(field).\(layerType)")
      // Nested, transformers does not see it.
      if try parameters.flag("truncate") == false {
        throw .unsupportedValue(field: "\(parameters.field).truncate", value: "false")
      }
      return parameters
    }
    // Versions of transformers differ in what they take a single rotation for.
    guard try all.type == "default",
      try all.positive("rope_theta") ?? defaults.base == defaults.base
    else { throw .invalidField(field, expected: "one rotation for each type of layer") }
    return nil
  }

  /// The one number that all who give it agree on.
  private func agreed(
    _ key: String, _ newer: RotaryParameters?, _ older: RotaryParameters?, field: String
  ) throws(InferenceError) -> Double? {
    let first = try newer?.positive(key)
    let second = try older?.positive(key)
    // Beside the older object the newer one does not count.
    if first != nil, second == nil, older != nil, try optionalNumber(field) == nil {
      throw .conflictingFields("rope_scaling", "rope_parameters")
    }
    let inner = try agreeing(
      first, "\(newer?.field ?? "").\(key)", second, "\(older?.field ?? "").\(key)")
    let holder = first == nil ? older : newer
    return try agreeing(inner, "\(holder?.field ?? "").\(key)", optionalNumber(field), field)
  }

  private func agreeing(
    _ first: Double?, _ firstField: String, _ second: Double?, _ secondField: String
  ) throws(InferenceError) -> Double? {
    if let first, let second, first != second {
      throw .conflictingFields(secondField, firstField)
    }
    return first ?? second
  }

  private func scaling(
    _ parameters: RotaryParameters, _ dimension: Int, _ defaults: RotaryDefaults
  ) throws(InferenceError) -> RotaryScaling {
    func context() throws(InferenceError) -> Int {
      // Phi 3 keeps it beside the parameters.
      let field = "original_max_position_embeddings"
      if let outer = try optionalCount(field) {
        if let inner = try parameters.count(field), inner != outer {
          throw .conflictingFields(field, "\(parameters.field).\(field)")
        }
        return outer
      }
      let inner = try parameters.count(field)
      if let fixed = defaults.originalContext {
        guard inner == nil || inner == fixed else {
          throw .unsupportedValue(
            field: "\(parameters.field).\(field)", value: "\(inner ?? 0) that is not beside it")
        }
        return fixed
      }
      if let inner { return inner }
      return try count("max_position_embeddings")
    }
    let type = try parameters.type
    switch type {
    case "default":
      return .none
    case "mrope" where parameters.has("mrope_section"):
      // Of text the positions in time, height and width are one and the same.
      return .none
    case "linear":
      return try .linear(factor: parameters.required("factor"))
    case "dynamic":
      guard dimension > 2 else {
        throw .invalidField(parameters.field, expected: "of more than 2 dimensions to be dynamic")
      }
      let factor = try parameters.required("factor")
      guard factor >= 1 else {
        throw .invalidField("\(parameters.field).factor", expected: "at least 1")
      }
      return try .dynamic(factor: factor, context: count("max_position_embeddings"))
    case "llama3":
      let low = try parameters.required("low_freq_factor")
      let high = try parameters.required("high_freq_factor")
      guard low < high else {
        throw .invalidField(
          "\(parameters.field).low_freq_factor", expected: "below high_freq_factor")
      }
      return try .llama3(
        factor: parameters.required("factor"), lowFrequency: low, highFrequency: high,
        context: context())
    case "yarn" where parameters.has("long_factor"), "su", "longrope":
      return try longrope(parameters, dimension, context: context())
    case "yarn":
      return try .yarn(yarn(parameters, context: context()))
    default:
      throw .unsupportedValue(field: "\(parameters.field).rope_type", value: type)
    }
  }

  private func yarn(
    _ parameters: RotaryParameters, context: Int
  ) throws(InferenceError) -> YarnScaling {
    let factor = try stretch(parameters, context: context)
    let attentionFactor: Double
    if let given = try parameters.positive("attention_factor") {
      attentionFactor = given
    } else if let weight = try parameters.notNegative("mscale"), weight > 0,
      let all = try parameters.notNegative("mscale_all_dim"), all > 0
    {
      attentionFactor =
        YarnScaling.attentionFactor(scale: factor, weight: weight)
        / YarnScaling.attentionFactor(scale: factor, weight: all)
    } else {
      attentionFactor = YarnScaling.attentionFactor(scale: factor)
    }
    return try YarnScaling(
      factor: factor, context: context, betaFast: parameters.positive("beta_fast") ?? 32,
      betaSlow: parameters.positive("beta_slow") ?? 1,
      isTruncated: parameters.flag("truncate") ?? true, attentionFactor: attentionFactor)
  }

  private func longrope(
    _ parameters: RotaryParameters, _ dimension: Int, context: Int
  ) throws(InferenceError) -> RotaryScaling {
    let factor = try stretch(parameters, context: context)
    return try .longrope(
      short: parameters.divisors("short_factor", count: dimension / 2),
      long: parameters.divisors("long_factor", count: dimension / 2), context: context,
      attentionFactor: parameters.positive("attention_factor")
        ?? RotaryScaling.longropeAttentionFactor(scale: factor, context: context))
  }

  /// How many times the context is longer than it was.
  private func stretch(
    _ parameters: RotaryParameters, context: Int
  ) throws(InferenceError) -> Double {
    if let factor = try parameters.positive("factor") { return factor }
    return Double(try count("max_position_embeddings")) / Double(context)
  }
}

/// The object that describes one rotation.
private struct RotaryParameters {
  let field: String
  private let node: JSONNode

  init(_ node: JSONNode, field: String) throws(InferenceError) {
    guard node.kind == .object else { throw .invalidField(field, expected: "an object") }
    self.node = node
    self.field = field
  }

  var type: String {
    get throws(InferenceError) {
      var found: String?
      for key in ["rope_type", "type"] {
        guard let node = value(key) else { continue }
        guard let text = node.string else {
          throw .invalidField("\(field).\(key)", expected: "a string")
        }
        if let found, found != text {
          throw .conflictingFields("\(field).rope_type", "\(field).type")
        }
        found = text
      }
      return found ?? "default"
    }
  }

  func has(_ key: String) -> Bool { value(key) != nil }

  func positive(_ key: String) throws(InferenceError) -> Double? {
    guard let node = value(key) else { return nil }
    return try HuggingFaceConfiguration.positive(node, "\(field).\(key)")
  }

  func notNegative(_ key: String) throws(InferenceError) -> Double? {
    guard let node = value(key) else { return nil }
    guard let number = node.double, number >= 0 else {
      throw .invalidField("\(field).\(key)", expected: "a number from 0")
    }
    return number
  }

  func required(_ key: String) throws(InferenceError) -> Double {
    guard let number = try positive(key) else { throw .missingField("\(field).\(key)") }
    return number
  }

  func count(_ key: String) throws(InferenceError) -> Int? {
    guard let node = value(key) else { return nil }
    return try HuggingFaceConfiguration.count(node, "\(field).\(key)")
  }

  func flag(_ key: String) throws(InferenceError) -> Bool? {
    guard let node = value(key) else { return nil }
    guard let flag = node.bool else {
      throw .invalidField("\(field).\(key)", expected: "true or false")
    }
    return flag
  }

  func divisors(_ key: String, count: Int) throws(InferenceError) -> [Float] {
    guard let node = value(key) else { throw .missingField("\(field).\(key)") }
    let numbers = node.elements.compactMap(\.double)
    guard node.kind == .array, node.count == count, numbers.count == count,
      numbers.allSatisfy({ $0 > 0 })
    else { throw .invalidField("\(field).\(key)", expected: "\(count) positive numbers") }
    return numbers.map { Float($0) }
  }

  private func value(_ key: String) -> JSONNode? {
    guard let node = node[key], !node.isNull else { return nil }
    return node
  }
}
