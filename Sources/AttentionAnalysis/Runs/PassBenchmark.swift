import Inference
import Results

/// Runs a model's instrumented pass over made-up tokens, for timing.
public struct PassBenchmark {
  private let pass: ForwardPass
  private let chunkLength: Int
  private let rows: PassRows
  private let cache: KVCache
  private let workspace: PassWorkspace

  /// - Parameters:
  ///   - chunkLength: `n`; each chunk has one token more.
  ///   - chunks: chunks that go through the layers together.
  public init(pass: ForwardPass, chunkLength: Int, chunks: Int) {
    self.pass = pass
    self.chunkLength = chunkLength
    let vocabulary = UInt32(clamping: pass.model.spec.vocabularySize)
    var state: UInt32 = 1
    rows = PassRows(
      sequences: (0..<chunks).map { _ in
        (0...chunkLength).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return Int32(truncatingIfNeeded: (state >> 8) % vocabulary)
        }
      })
    cache = KVCache(
      for: pass, mode: .transient, sequences: rows.sequences, length: chunkLength + 1)
    workspace = PassWorkspace(for: pass)
  }

  /// Useful operations of one chunk; see `ArchitectureSpec.usefulOperations`.
  public func usefulOperations(_ query: QuerySelection) -> Double {
    pass.model.spec.usefulOperations(
      length: chunkLength + 1, recordedRows: query.recordedRows(n: chunkLength))
  }

  /// Measures the rows of `query` in every chunk, as `analyze` does.
  @discardableResult
  public func measure(_ query: QuerySelection) throws -> RunAccumulator {
    let shape = RunShape(pass.model.spec, chunkLength: chunkLength)
    let collector = RecordCollector(shape: shape)
    try run(
      MeasuringRecorder(
        shape: shape, query: query, scores: [KeyNorm()], kernels: pass.kernels,
        collector: collector))
    return try collector.finish()[0]
  }

  /// Asks for the rows of `query` and looks at none of them.
  public func ignore(_ query: QuerySelection) throws {
    let recorder = IdleRecorder(queryPositions: query.recordedRows(n: chunkLength))
    try run(recorder)
  }

  private func run(_ recorder: some AttentionRecorder) throws {
    cache.restart(sequences: rows.sequences)
    try pass.run(rows, cache: cache, workspace: workspace, recorder: recorder)
  }
}

/// Takes nothing of what it asked for.
private struct IdleRecorder: AttentionRecorder {
  let queryPositions: [Int]

  var request: RecordRequest {
    RecordRequest(queryPositions: queryPositions, parts: .attention)
  }

  func makeWorker() -> any RecorderWorker { Worker() }

  private final class Worker: RecorderWorker {
    func begin(_ view: KVHeadView) {}
    func take(_ tile: AttentionTile) {}
    func finish() {}
  }
}
