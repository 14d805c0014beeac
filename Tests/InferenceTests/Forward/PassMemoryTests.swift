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
    let mode = precision == .f32 ? KVCache.Mode.transient : .kept
    let model = try Model(Checkpoint.open(ReferenceDump.path(name)))
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: precision, pool: WorkerPool(count: 3))
    let length = 77
    let rows = PassRows(
      sequences: [[Int32]](repeating: [Int32](repeating: 1, count: length), count: 2))
    let recorder = CollectingRecorder(queryPositions: [40, 76], headsPerGroup: spec.groupSize)
    let cache = KVCache(for: pass, mode: mode, sequences: rows.sequences, length: length)
    let workspace = PassWorkspace(for: pass)
    try pass.run(rows, cache: cache, workspace: workspace, recorder: recorder)
    // What the last layer's output would take is there in every other layer.
    #expect(recorder.rows.count == 2 * 2 * spec.layerCount * spec.headCount)

    let held = [Held(workspace), Held(cache)]
    let found = held.reduce(0) { $0 + $1.bytes }
    let buffers = held.reduce(0) { $0 + $1.buffers }
    var told = pass.memory(length: length, recordedRows: 2, cache: mode).bytes(chunks: 2)
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
    // A pass does not own its model.
    if value is Model || value is Checkpoint || value is ArchitectureSpec {
      return
    }
    for child in Mirror(reflecting: value).children { add(child.value) }
  }
}
