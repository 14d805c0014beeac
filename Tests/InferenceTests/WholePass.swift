import Inference

extension ForwardPass {
  /// Runs whole sequences through a cache and a work space of their own.
  ///
  /// - Returns: logits, (row, vocabulary), empty where none are asked for; `nil` where `progress`
  ///   stopped the pass.
  func read(
    _ sequences: [[Int32]], first: Int = 0, recorder: (any AttentionRecorder)? = nil,
    logits: LogitRows? = nil, weights: WeightReading = .packed,
    progress: (Int) -> Bool = { _ in true }
  ) throws -> [Float]? {
    let rows = PassRows(sequences: sequences, firstSequence: first)
    let collector = LogitCollector()
    let isWhole = try run(
      rows, cache: KVCache(for: self, mode: .transient, sequences: rows.sequences),
      workspace: PassWorkspace(for: self), recorder: recorder,
      logits: logits.map { LogitRequest($0, to: collector) }, weights: weights,
      progress: progress)
    return isWhole ? collector.logits : nil
  }
}
