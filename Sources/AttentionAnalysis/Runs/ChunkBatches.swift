import Inference
import Results

extension AnalysisRun {
  /// Measures all chunks, `batchSize` of them at a time through the layers.
  ///
  /// With `--query greedy` the token that follows a chunk is the model's own: the `n` cached tokens
  /// go through the layers, which finds it, and then that token alone, whose row is measured.
  /// - Throws: `Cancelled`, `MeasurementError`, `InferenceError`.
  public func run(
    with pass: ForwardPass, batchSize: Int,
    progress: @escaping @Sendable (_ fraction: Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> AnalysisResult {
    try results(with: pass, batchSize: batchSize, progress: progress, isCancelled: isCancelled)[0]
  }

  /// The same with a result for each score, of one run through the layers.
  public func results(
    with pass: ForwardPass, batchSize: Int,
    progress: @escaping @Sendable (_ fraction: Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> [AnalysisResult] {
    precondition(batchSize >= 1, "at least one chunk at a time")
    return try results(progress: progress, isCancelled: isCancelled) { run, collector in
      var recorder = MeasuringRecorder(
        shape: run.shape, query: run.query, scores: run.scores, kernels: pass.kernels,
        collector: collector)
      let workspace = PassWorkspace(for: pass)
      let cache = KVCache(
        for: pass, mode: query.cacheMode, sequences: 0..<0, length: shape.chunkLength + 1)
      func isDone(_: Int) -> Bool { !collector.shouldStop }
      for first in stride(from: 0, to: chunks.count, by: batchSize) {
        let last = min(first + batchSize, chunks.count)
        cache.restart(sequences: first..<last)
        var rows = PassRows(sequences: Array(chunks[first..<last]), firstSequence: first)
        if query == .greedy {
          let cached = chunks[first..<last].map { Array($0.prefix(shape.chunkLength)) }
          let next = ArgmaxSink()
          recorder.earlier = QueryStore(
            run.scores.observed, spec: pass.model.spec, sequences: first..<last)
          let isWhole = try pass.run(
            PassRows(sequences: cached, firstSequence: first), cache: cache,
            workspace: workspace, recorder: recorder.earlier?.recorder(of: 0..<shape.chunkLength),
            logits: LogitRequest(.last, to: next), progress: isDone)
          if !isWhole { return }
          rows = PassRows(
            spans: zip(first..<last, next.tokens).map {
              .init(sequence: $0, firstPosition: shape.chunkLength, tokens: [$1])
            })
        }
        let isWhole = try pass.run(
          rows, cache: cache, workspace: workspace, recorder: recorder, progress: isDone)
        if !isWhole { return }
      }
    }
  }
}

extension QuerySelection {
  /// Whether keys are needed after the pass that makes them.
  public var cacheMode: KVCache.Mode { self == .greedy ? .kept : .transient }
}
