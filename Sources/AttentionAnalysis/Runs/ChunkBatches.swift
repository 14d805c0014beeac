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
      let feed = ChunkFeed(run, pass, collector)
      for first in stride(from: 0, to: chunks.count, by: batchSize) {
        let last = min(first + batchSize, chunks.count)
        if try !feed.measure(chunks[first..<last]) { return }
      }
    }
  }
}

/// Sends chunks through the layers and what is measured of them to a collector.
struct ChunkFeed {
  private let run: AnalysisRun
  private let pass: ForwardPass
  private let collector: RecordCollector
  private let recorder: MeasuringRecorder
  private let workspace: PassWorkspace
  private let cache: KVCache

  init(_ run: AnalysisRun, _ pass: ForwardPass, _ collector: RecordCollector) {
    self.run = run
    self.pass = pass
    self.collector = collector
    recorder = MeasuringRecorder(
      shape: run.shape, query: run.query, scores: run.scores,
      grams: run.shape.hasOutputError ? OutputGrams(of: pass.model, kernels: pass.kernels) : nil,
      kernels: pass.kernels, collector: collector)
    workspace = PassWorkspace(for: pass)
    cache = KVCache(
      for: pass, mode: run.query.cacheMode, sequences: 0..<0, length: run.shape.chunkLength + 1)
  }

  /// Measures chunks together; their indices are those of the run's.
  ///
  /// - Returns: `false` where the collector stopped it.
  func measure(_ chunks: ArraySlice<[Int32]>) throws -> Bool {
    func isDone(_: Int) -> Bool { !collector.shouldStop }
    let length = run.shape.chunkLength
    cache.restart(sequences: chunks.indices)
    var rows = PassRows(sequences: Array(chunks), firstSequence: chunks.startIndex)
    var recorder = recorder
    if run.query == .greedy {
      let next = ArgmaxSink()
      recorder.earlier = QueryStore(
        run.scores.observed, spec: pass.model.spec, sequences: chunks.indices)
      let isWhole = try pass.run(
        PassRows(
          sequences: chunks.map { Array($0.prefix(length)) }, firstSequence: chunks.startIndex),
        cache: cache, workspace: workspace, recorder: recorder.earlier?.recorder(of: 0..<length),
        logits: LogitRequest(.last, to: next), progress: isDone)
      if !isWhole { return false }
      rows = PassRows(
        spans: zip(chunks.indices, next.tokens).map {
          .init(sequence: $0, firstPosition: length, tokens: [$1])
        })
    }
    return try pass.run(
      rows, cache: cache, workspace: workspace, recorder: recorder, progress: isDone)
  }
}

extension QuerySelection {
  /// Whether keys are needed after the pass that makes them.
  public var cacheMode: KVCache.Mode { self == .greedy ? .kept : .transient }
}
