import ModelFiles

/// The metadata of a GGUF file under its architecture's prefix.
struct GGUFConfiguration: Sendable {
  private let metadata: GGUFMetadata
  private let tensors: TensorTable
  private let prefix: String

  private static let largestCount = 1 << 30

  init(_ metadata: GGUFMetadata, tensors: TensorTable) throws(InferenceError) {
    guard let architecture = metadata.string("general.architecture") else {
      throw .missingField("general.architecture")
    }
    self.metadata = metadata
    self.tensors = tensors
    prefix = architecture
  }

  var architecture: String { prefix }

  func hasTensor(_ name: String) -> Bool { tensors[name] != nil }

  /// A whole number from 1, under the prefix.
  func count(_ key: String, default fallback: Int? = nil) throws(InferenceError) -> Int {
    let field = "\(prefix).\(key)"
    guard metadata.type(of: field) != nil else {
      guard let fallback else { throw .missingField(field) }
      return fallback
    }
    guard let count = metadata.unsigned(field), (1...Self.largestCount).contains(count) else {
      throw .invalidField(field, expected: "a whole number from 1 to \(Self.largestCount)")
    }
    return count
  }

  func number(_ key: String, default fallback: Double? = nil) throws(InferenceError) -> Double {
    let field = "\(prefix).\(key)"
    guard metadata.type(of: field) != nil else {
      guard let fallback else { throw .missingField(field) }
      return fallback
    }
    guard let number = metadata.float(field), number > 0, number.isFinite else {
      throw .invalidField(field, expected: "a positive number")
    }
    return number
  }

  /// Rows of the embedding: the file need not say it elsewhere.
  func vocabularySize() throws(InferenceError) -> Int {
    if metadata.type(of: "\(prefix).vocab_size") != nil { return try count("vocab_size") }
    let name = TensorRole.embedding.ggufName + ".weight"
    guard let rows = tensors[name]?.shape.first else { throw .missingTensors([name]) }
    return rows
  }

  func headDimension(hidden: Int, heads: Int) throws(InferenceError) -> Int {
    let key = "attention.key_length"
    if metadata.type(of: "\(prefix).\(key)") != nil { return try count(key) }
    guard hidden.isMultiple(of: heads) else {
      throw .invalidField(
        "\(prefix).embedding_length", expected: "a multiple of the \(heads) attention heads")
    }
    return hidden / heads
  }

  func rotary(headDim: Int) throws(InferenceError) -> RotarySpec {
    let scaling = "\(prefix).rope.scaling.type"
    if let type = metadata.string(scaling), type != "none" {
      throw .unsupportedValue(field: scaling, value: type)
    }
    let factors = "rope_freqs.weight"
    if hasTensor(factors) { throw .unsupportedValue(field: "rope scaling", value: factors) }
    let dimension = try count("rope.dimension_count", default: headDim)
    guard dimension <= headDim, dimension.isMultiple(of: 2) else {
      throw .invalidField(
        "\(prefix).rope.dimension_count", expected: "even and at most the head's \(headDim)")
    }
    return try RotarySpec(
      dimension: dimension, base: number("rope.freq_base", default: 10_000))
  }
}
