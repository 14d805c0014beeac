import AttentionAnalysis
import ModelFiles
import Results
import TestSupport
import Testing

@testable import Inference

/// Captures against the cache of transformers after the same prompt; see
/// `Fixtures/make_captures.py`.
struct CaptureReferenceTests {
  /// Grouped heads, biases, normed heads, a window, a rotation that scales, soft caps, no rotation.
  static let models = [
    "gqa-tied", "biases", "architectures/qwen3", "architectures/mistral",
    "architectures/llama-yarn", "architectures/gemma2", "architectures/gpt2",
  ]

  private struct Reference {
    let tokens: [Int32]
    let attention: NumberArray<Float>
    let keys: NumberArray<Float>
    let values: NumberArray<Float>
    let keyNorms: NumberArray<Double>
    let unrotated: NumberArray<Float>?

    init(_ model: String) throws {
      let name = model.split(separator: "/").last.map(String.init) ?? model
      let file = try SafetensorsArrays(ReferenceDump.path("captures/\(name).safetensors"))
      tokens = try #require(file.array("tokens", of: Int32.self)).values
      attention = try #require(file.array("attention", of: Float.self))
      keys = try #require(file.array("keys", of: Float.self))
      values = try #require(file.array("values", of: Float.self))
      keyNorms = try #require(file.array("key_norms", of: Double.self))
      unrotated = file.array("unrotated", of: Float.self)
    }
  }

  private func capture(
    _ name: String, _ tokens: [Int32], threshold: Double? = nil
  ) throws -> PromptCapture {
    let model = try Model(Checkpoint.open(ReferenceDump.path(name)))
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 2))
    return try PromptCapture.run(
      CaptureRequest(
        layers: Array(0..<spec.layerCount), heads: Array(0..<spec.headCount),
        parts: Set(CapturePart.allCases), threshold: threshold),
      with: pass, tokens: tokens.map { CapturedToken(id: Int($0), piece: "", bytes: []) },
      hasAddedBOS: false, tool: "",
      model: ModelSummary(
        name: "", architecture: spec.name, layers: spec.layerCount, heads: spec.headCount,
        kvHeads: spec.kvHeadCount, headDim: spec.headDim, parameters: 0, fingerprint: ""))
  }

  /// Of every layer and head the greatest difference, so that a failure says where it is.
  private func compare<T: StoredNumber & BinaryFloatingPoint>(
    _ found: NumberArray<T>?, _ expected: NumberArray<T>, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(found, sourceLocation: sourceLocation)
    #expect(found.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
    guard found.shape == expected.shape else { return }
    let size = expected.values.count / (expected.shape[0] * expected.shape[1])
    for row in 0..<expected.shape[0] * expected.shape[1] {
      let range = row * size..<(row + 1) * size
      var difference = WorstDifference<T>()
      difference.add(found.values[range], expected.values[range])
      #expect(
        difference.worst < 1e-5,
        "\(what) of layer \(row / expected.shape[1]), head \(row % expected.shape[1])",
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: models) func agreesWithTheCache(_ name: String) throws {
    let reference = try Reference(name)
    let capture = try capture(name, reference.tokens)
    guard case .dense(let attention) = capture.arrays.attention else {
      Issue.record("not dense")
      return
    }
    try compare(attention, reference.attention, "attention")
    try compare(capture.arrays.rotatedKeys, reference.keys, "rotated keys")
    try compare(capture.arrays.values, reference.values, "values")
    try compare(capture.arrays.keyNorms, reference.keyNorms, "key norms")
    if let unrotated = reference.unrotated {
      try compare(capture.arrays.keys, unrotated, "keys")
    } else {
      #expect(name.hasSuffix("gpt2"))
    }
    // Neither could be taken for the other.
    if name == "gqa-tied" { #expect(reference.keys != reference.unrotated) }
  }

  /// The stored rows together are those scores of transformers that are above the threshold.
  @Test(arguments: ["gqa-tied", "architectures/mistral"], [0, 0.05, 0.3])
  func sparseRowsAreTheScoresAboveTheThreshold(_ name: String, threshold: Double) throws {
    let reference = try Reference(name)
    let capture = try capture(name, reference.tokens, threshold: threshold)
    guard case .sparse(let rows) = capture.arrays.attention else {
      Issue.record("not sparse")
      return
    }
    let n = reference.tokens.count
    #expect(rows.offsets.values.count == reference.attention.values.count / n + 1)
    var dense = [Float](repeating: 0, count: reference.attention.values.count)
    for row in 0..<rows.offsets.values.count - 1 {
      for entry in Int(rows.offsets.values[row])..<Int(rows.offsets.values[row + 1]) {
        dense[row * n + Int(rows.positions.values[entry])] = rows.scores.values[entry]
      }
    }
    var kept = 0
    for (found, expected) in zip(dense, reference.attention.values) {
      // Rounding may put a score on the other side of the threshold.
      if abs(Double(expected) - threshold) < 1e-5, threshold > 0 { continue }
      let wanted = Double(expected) > threshold ? expected : 0
      kept += wanted > 0 ? 1 : 0
      #expect(abs(found - wanted) < 1e-5)
    }
    #expect(kept > 0 && abs(rows.scores.values.count - kept) < 4)
  }
}
