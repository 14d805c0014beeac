import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// The forward pass against Hugging Face transformers in float32, on tiny random checkpoints.
struct TransformersTests {
  struct Fixture: Sendable, CustomTestStringConvertible {
    let model: String
    let reference: String
    var testDescription: String { model }

    init(_ model: String, _ reference: String? = nil) {
      self.model = model
      self.reference = reference ?? "\(model)/reference.safetensors"
    }
  }

  /// Formats, types and spellings, all of them Llama.
  static let storage = [
    Fixture("gqa-tied"), Fixture("untied-output"), Fixture("biases"), Fixture("sharded"),
    Fixture("head-dim"), Fixture("rope-theta"),
    Fixture("rope-theta-old-spelling", "rope-theta/reference.safetensors"),
    Fixture("gguf/tiny-f32.gguf", "gqa-tied/reference.safetensors"),
    Fixture("gguf/tiny-q8_0.gguf", "gguf/reference-q8_0.safetensors"),
  ]

  /// One checkpoint for each architecture and variant.
  static let architectures = [
    "gemma", "gemma2", "gemma2-27b", "gemma3", "gemma3-27b", "gpt2", "gpt_neox",
    "gpt_neox-sequential", "gpt2-layer-scale", "granite",
    "llama-dynamic", "llama-linear", "llama-llama3", "llama-yarn", "llama-yarn-options", "mistral",
    "mixtral", "mixtral-stacked", "olmo2", "olmo3", "phi", "phi-head-norms", "phi3-long",
    "phi3-short", "qwen2",
    "qwen2-windows", "qwen3", "qwen3_moe", "qwen3_moe-mixed", "smollm3", "smollm3-windows",
    "stablelm", "stablelm-parallel", "starcoder2", "starcoder2-window",
  ].map { Fixture("architectures/\($0)") }

  /// What the converter of llama.cpp makes of the same checkpoints.
  static let ggufs = [
    "gemma", "gemma2", "gemma2-27b", "gemma3", "gemma3-27b", "gpt2", "gpt_neox", "granite",
    "llama-linear", "llama-llama3",
    "llama-yarn", "mixtral", "olmo2", "phi", "phi3-long", "phi3-short", "qwen2", "qwen3",
    "qwen3_moe", "smollm3", "stablelm", "stablelm-parallel", "starcoder2",
  ].map { Fixture("gguf/\($0).gguf", "architectures/\($0)/reference.safetensors") }

  /// FP8 weights with scales of every layout.
  static let fp8 = ["block", "block-even", "experts", "fbgemm", "row", "tensor"].map {
    Fixture("fp8/\($0)")
  }

  /// Kernels that round in software, and those that have instructions for it.
  static let roundedKernels = ["avx2", "avx512bf16"].filter(Kernels.availableNames.contains)

  /// Text models within models that also see.
  static let multimodal = ["gemma3", "llava", "qwen2_vl", "qwen3_vl", "smolvlm"].map {
    Fixture("multimodal/\($0)")
  }

  @Test(
    arguments: storage + architectures + ggufs + fp8 + multimodal, Kernels.availableNames)
  func agrees(_ fixture: Fixture, kernels name: String) throws {
    let kernels = try Kernels(named: name)
    let reference = try ReferenceDump(ReferenceDump.path(fixture.reference))
    let model = try Model(Checkpoint.open(ReferenceDump.path(fixture.model)))
    #expect(model.unusedTensors.isEmpty)
    let distance = try Distance(of: model, from: reference, kernels: kernels)
    #expect(distance.logits < 1e-4)
    #expect(distance.attention < 1e-5)
    #expect(distance.keyNorms < 1e-5)
  }
}

extension TransformersTests {
  /// Rounded products move logits by less than a fiftieth of their own size (worst seen: 0.017); a
  /// mistake in how rounded rows are laid out moves them by as much as they are.
  @Test(
    .enabled(if: !roundedKernels.isEmpty, "this processor has none of these kernels"),
    arguments: architectures, roundedKernels)
  func roundedProductsStayNear(_ fixture: Fixture, kernels name: String) throws {
    let kernels = try Kernels(named: name)
    let reference = try ReferenceDump(ReferenceDump.path(fixture.reference))
    let model = try Model(Checkpoint.open(ReferenceDump.path(fixture.model)))
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: .bf16, pool: WorkerPool(count: 2))
    let logits = try #require(try pass.read([reference.tokens], logits: .all))
    try #require(!logits.isEmpty && logits.count == reference.logits.count)
    let differences = zip(logits, reference.logits).map { Double($0 - $1) * Double($0 - $1) }
    let squares = reference.logits.map { Double($0) * Double($0) }
    let share = (differences.reduce(0, +) / squares.reduce(0, +)).squareRoot()
    #expect(share < 0.04)
  }
}

/// How far a pass is from what transformers made of the same tokens.
struct Distance {
  /// The largest difference of any logit.
  var logits: Float { logitDifferences.worst }
  /// The largest difference of any attention score.
  var attention: Float { attentionDifferences.worst }
  /// The largest difference of any key norm, relative above 1.
  var keyNorms: Double { normDifferences.worst }

  private var logitDifferences = WorstDifference<Float>()
  private var attentionDifferences = WorstDifference<Float>()
  private var normDifferences = WorstDifference<Double>()

  init(of model: Model, from reference: ReferenceDump, kernels: Kernels) throws {
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: .f32, pool: WorkerPool(count: 2))
    let recorder = CollectingRecorder(
      queryPositions: reference.attentionRows, headsPerGroup: spec.groupSize)
    let found = try #require(
      try pass.read([reference.tokens], recorder: recorder, logits: .all))
    try #require(found.count == reference.logits.count)
    logitDifferences.add(found, reference.logits)

    let length = reference.tokens.count
    let rowCount = reference.attentionRows.count
    for layer in 0..<spec.layerCount {
      let window = spec.layers[layer].window ?? length
      for head in 0..<spec.headCount {
        for (index, position) in reference.attentionRows.enumerated() {
          let key = CollectingRecorder.Key(
            chunk: 0, layer: layer, head: head, position: position)
          let row = try #require(recorder.rows[key])
          // The query's own score and what lies outside the window are not offered.
          try #require(row.count == min(position, window - 1))
          let start = ((layer * spec.headCount + head) * rowCount + index) * length
          let expected = reference.attention[start..<start + position].suffix(row.count)
          attentionDifferences.add(row, expected)
        }
      }
      for head in 0..<spec.kvHeadCount {
        let norms = try #require(recorder.norms[.init(chunk: 0, layer: layer, head: head)])
        try #require(norms.count == length)
        let start = (layer * spec.kvHeadCount + head) * length
        normDifferences.add(norms, reference.keyNorms[start..<start + length]) { max(1, $0) }
      }
    }
  }
}
