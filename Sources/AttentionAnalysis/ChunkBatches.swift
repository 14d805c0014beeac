import Inference

extension AnalysisRun {
  /// Measures all chunks, `batchSize` of them at a time through the layers.
  ///
  /// With `--query greedy` the token that follows a chunk is the model's own: a first pass over
  /// the `n` cached tokens finds it, a second one over all `n + 1` is measured.
  /// - Throws: `Cancelled`, `MeasurementError`, `InferenceError`.
  public func run(
    with pass: ForwardPass, batchSize: Int,
    progress: @escaping @Sendable (_ fraction: Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> AnalysisResult {
    precondition(batchSize >= 1, "at least one chunk at a time")
    return try run(progress: progress, isCancelled: isCancelled) { run, collector in
      let recorder = MeasuringRecorder(shape: run.shape, query: run.query, collector: collector)
      for first in stride(from: 0, to: chunks.count, by: batchSize) {
        var tokens = Array(chunks[first..<min(first + batchSize, chunks.count)])
        if query == .greedy {
          guard let ends = try greedyTokens(after: tokens, pass, collector) else { return }
          for index in tokens.indices { tokens[index][shape.chunkLength] = ends[index] }
        }
        let done = try pass.run(
          TokenBatch(firstChunk: first, tokens: tokens), recorder: recorder,
          progress: { _ in !collector.shouldStop })
        if done == nil { return }
      }
    }
  }

  /// The argmax token after the first `n` tokens of each chunk; `nil` where the run stops.
  private func greedyTokens(
    after chunks: [[Int32]], _ pass: ForwardPass, _ collector: RecordCollector
  ) throws -> [Int32]? {
    let cached = chunks.map { Array($0.prefix(shape.chunkLength)) }
    let logits = try pass.run(
      TokenBatch(firstChunk: 0, tokens: cached), recorder: nil, logits: .last,
      progress: { _ in !collector.shouldStop })
    guard let logits else { return nil }
    let vocabulary = logits.count / chunks.count
    return (0..<chunks.count).map { chunk in
      let row = logits[chunk * vocabulary..<(chunk + 1) * vocabulary]
      // Of equal logits the lowest id, as the reference's argmax takes it.
      let best = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      return Int32(truncatingIfNeeded: best - row.startIndex)
    }
  }
}
