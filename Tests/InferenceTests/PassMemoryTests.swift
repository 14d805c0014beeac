import ModelFiles
import Testing

@testable import Inference

/// What `PassMemory` says is what the stages of a pass hold.
struct PassMemoryTests {
  /// Rotary, learned and no positions; norms of heads, branches apart, experts, no gate.
  static let models =
    ["gqa-tied"]
    + [
      "gemma3", "gpt2", "granite", "mixtral", "olmo2", "phi3-long", "qwen3_moe-mixed",
      "stablelm-parallel",
    ].map { "architectures/\($0)" }

  @Test(arguments: Precision.allCases, models)
  func addsUpWhatIsAllocated(precision: Precision, name: String) throws {
    let model = try Model(Checkpoint.open(ReferenceDump.path(name)))
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: try Kernels(), precision: precision, pool: WorkerPool(count: 3))
    let length = 77
    let batch = TokenBatch(
      firstChunk: 0, tokens: [[Int32]](repeating: [Int32](repeating: 1, count: length), count: 2))
    let kept = [40, 76]

    var stage = Activations(
      spec: spec, kernels: pass.kernels, precision: precision, pool: pass.pool, batch: batch)
    let products = ProductStage(
      checkpoint: model.checkpoint, kernels: pass.kernels, pool: pass.pool, number: stage.number)
    let attention = try AttentionStage(
      spec: spec, kernels: pass.kernels, pool: pass.pool, batch: batch, recorder: nil,
      number: stage.number)
    let experts = ExpertStage(
      spec: spec, kernels: pass.kernels, pool: pass.pool, number: stage.number, rows: stage.rows)
    try stage.embed(batch, model: model)
    stage.normalize(by: model.layers[0].attentionNorm)
    for layer in model.layers {
      try products.project(
        [layer.query, layer.key, layer.value], from: stage.normed, to: stage.projected,
        rows: stage.rows)
      switch layer.feedForward {
      case .dense(let dense):
        try products.activate(
          dense.input, spec.activation, from: stage.normed, to: stage.inner, rows: stage.rows)
        try products.add(dense.down, from: stage.inner, to: stage.hidden, rows: stage.rows)
      case .experts(let mixture):
        try experts.run(
          mixture, from: stage.normed, to: stage.hidden, rows: stage.rows, products)
      }
      try products.add(
        layer.attentionOutput, from: stage.attended, to: stage.hidden, rows: stage.rows)
    }
    stage.narrow(to: kept)

    let held = [stage, products, attention, experts].map { Held($0) }
    let found = held.reduce(0) { $0 + $1.bytes }
    let buffers = held.reduce(0) { $0 + $1.buffers }
    var told = pass.memory(length: length, recordedRows: kept.count).bytes(chunks: 2)
    // Lists of rows are no buffers.
    let lists = ExpertStage.listBytesPerRow(spec) * length * 2
    #expect((spec.experts != nil) == (lists > 0))
    told -= lists
    // No buffer is smaller than a cache line.
    #expect(found > 1 << 15 && buffers > 20)
    #expect(told <= found && found - told <= 64 * buffers, "\(told) told, \(found) found")
  }
}

/// The buffers within a value, however deep.
private struct Held {
  var bytes = 0
  var buffers = 0

  init(_ value: Any) { add(value) }

  private mutating func add(_ value: Any) {
    if let buffer = value as? Buffer {
      bytes += buffer.byteCount
      buffers += 1
      return
    }
    // A pass does not own its model, nor the batch.
    if value is Model || value is Checkpoint || value is TokenBatch || value is ArchitectureSpec {
      return
    }
    for child in Mirror(reflecting: value).children { add(child.value) }
  }
}
