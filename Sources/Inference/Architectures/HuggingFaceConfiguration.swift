import ModelFiles

/// `config.json` with typed look-ups; older and newer spellings are one.
struct HuggingFaceConfiguration: Sendable {
  private let root: JSONNode

  /// - Parameter root: the object of the text model.
  init(_ root: JSONNode) {
    self.root = root
  }

  /// Sizes beyond this are no model's, and products of two of them still fit.
  private static let largestCount = 1 << 30

  var modelType: String {
    get throws(InferenceError) {
      guard let node = value("model_type") else { throw .missingField("model_type") }
      guard let text = node.string else { throw .invalidField("model_type", expected: "a string") }
      return text
    }
  }

  /// A whole number from 1.
  func count(_ field: String, default fallback: Int? = nil) throws(InferenceError) -> Int {
    guard let node = value(field) else {
      guard let fallback else { throw .missingField(field) }
      return fallback
    }
    guard let count = node.int, (1...Self.largestCount).contains(count) else {
      throw .invalidField(field, expected: "a whole number from 1 to \(Self.largestCount)")
    }
    return count
  }

  func number(_ field: String, default fallback: Double) throws(InferenceError) -> Double {
    guard let node = value(field) else { return fallback }
    return try Self.positive(node, field)
  }

  func flag(_ field: String, default fallback: Bool) throws(InferenceError) -> Bool {
    guard let node = value(field) else { return fallback }
    guard let flag = node.bool else { throw .invalidField(field, expected: "true or false") }
    return flag
  }

  func require(
    _ field: String, isOneOf allowed: [String], default fallback: String
  ) throws(InferenceError) {
    guard let node = value(field) else { return }
    guard let text = node.string else { throw .invalidField(field, expected: "a string") }
    guard allowed.contains(text) else { throw .unsupportedValue(field: field, value: text) }
  }

  /// `head_dim` where it is given, else hidden size over heads.
  func headDimension(hidden: Int, heads: Int) throws(InferenceError) -> Int {
    if value("head_dim") != nil { return try count("head_dim") }
    guard hidden.isMultiple(of: heads) else {
      throw .invalidField("hidden_size", expected: "a multiple of the \(heads) attention heads")
    }
    return hidden / heads
  }

  /// The rotation, from `rope_parameters` or the older `rope_theta` and `rope_scaling`.
  func rotary(headDim: Int) throws(InferenceError) -> RotarySpec {
    let base: Double
    if let parameters = value("rope_parameters") {
      if let node = parameters["rope_theta"] {
        base = try Self.positive(node, "rope_parameters.rope_theta")
      } else {
        base = try number("rope_theta", default: 10_000)
      }
      if value("rope_theta") != nil, try number("rope_theta", default: base) != base {
        throw .conflictingFields("rope_theta", "rope_parameters.rope_theta")
      }
      try requireDefaultRotation(parameters, "rope_parameters")
    } else {
      base = try number("rope_theta", default: 10_000)
    }
    if let scaling = value("rope_scaling") { try requireDefaultRotation(scaling, "rope_scaling") }
    let share = try number("partial_rotary_factor", default: 1)
    guard share <= 1 else {
      throw .invalidField("partial_rotary_factor", expected: "at most 1")
    }
    return RotarySpec(dimension: Int(Double(headDim) * share), base: base)
  }

  private func requireDefaultRotation(
    _ node: JSONNode, _ field: String
  ) throws(InferenceError) {
    guard node.kind == .object else { throw .invalidField(field, expected: "an object") }
    for key in ["rope_type", "type"] {
      guard let type = node[key] else { continue }
      guard let text = type.string else {
        throw .invalidField("\(field).\(key)", expected: "a string")
      }
      guard text == "default" else {
        throw .unsupportedValue(field: "\(field).\(key)", value: text)
      }
    }
  }

  /// A field that is there and not null.
  private func value(_ field: String) -> JSONNode? {
    guard let node = root[field], !node.isNull else { return nil }
    return node
  }

  private static func positive(_ node: JSONNode, _ field: String) throws(InferenceError) -> Double {
    guard let number = node.double, number > 0, number.isFinite else {
      throw .invalidField(field, expected: "a positive number")
    }
    return number
  }
}
