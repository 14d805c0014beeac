import Inference
import Results

/// A run that measures chunks until its answers no longer change and its ratios are known well
/// enough, and what it took.
public struct StableRun: Sendable {
  /// Chunks from one check to the next, whatever the batch, so that neither threads nor memory
  /// decide where a run stops.
  public static let interval = 8

  /// Chunks that were measured.
  public let chunks: Int
  /// Whether the last two checks agree and both lie below the error asked for.
  public let isStable: Bool
  /// The largest error of a layer's ratio at the last check; `nil` where it is not known.
  public let error: Double?
  /// Whether the answers of the last two checks agree; `nil` with fewer.
  public let agrees: Bool?
  private let accumulator: RunAccumulator

  init(_ checks: [StabilityCheck], below limit: Double, _ accumulator: RunAccumulator) {
    chunks = accumulator.chunkCount
    isStable = Self.isStable(checks, below: limit)
    error = checks.last.flatMap(\.error)
    agrees =
      checks.count < 2 ? nil : checks[checks.count - 1].answers == checks[checks.count - 2].answers
    self.accumulator = accumulator
  }

  /// Whether the last two checks give the same answers, with every error below `limit`.
  static func isStable(_ checks: [StabilityCheck], below limit: Double) -> Bool {
    let last = checks.suffix(2)
    guard last.count == 2, let first = last.first, let second = last.last else { return false }
    return first.answers == second.answers
      && last.allSatisfy { check in check.error.map { $0 < limit } ?? false }
  }

  /// The result of the chunks that were measured.
  ///
  /// - Parameter run: of the same chunks, from which it takes everything but numbers.
  public func result(of run: AnalysisRun) throws(MeasurementError) -> AnalysisResult {
    try accumulator.result(
      tool: run.tool, model: run.model, corpus: run.corpus, protocolSummary: run.protocolSummary)
  }
}

extension AnalysisRun {
  /// Measures chunks, `StableRun.interval` at a time, until the answers of the last two checks are
  /// the same and every layer's `alr_ratio_se` was below `limit` in both, or there are no more.
  ///
  /// The run's own `chunks` do not matter.
  /// - Parameters:
  ///   - limit: above 0.
  ///   - batchSize: chunks that go through the layers together, at most `StableRun.interval`.
  ///   - chunks: gives the first so many chunks of the corpus, or all where there are fewer.
  ///   - progress: called with the chunks that are asked for next and the share of the work on
  ///     them that is done, 0…1.
  /// - Throws: `Cancelled`, `MeasurementError`, `InferenceError`, and what `chunks` throws.
  public func runUntilStable(
    below limit: Double, with pass: ForwardPass, batchSize: Int,
    chunks: (_ count: Int) throws -> [[Int32]],
    progress: @escaping @Sendable (_ chunks: Int, _ fraction: Double) -> Void = { _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> StableRun {
    precondition(batchSize >= 1, "at least one chunk at a time")
    // A selection without rows fails here, before any work.
    _ = try makeMeasurer()
    let perRound = StableRun.interval * shape.layers.count * shape.kvHeads
    let collector = RecordCollector(
      shape: shape, scores: scores.count,
      progress: { records in
        let round = (records - 1) / perRound
        progress(
          (round + 1) * StableRun.interval, Double(records - round * perRound) / Double(perRound))
      }, isCancelled: isCancelled)
    let feed = ChunkFeed(self, pass, collector)
    var checks: [StabilityCheck] = []
    var count = 0
    while !StableRun.isStable(checks, below: limit) {
      let known = try chunks(count + StableRun.interval)
      let end = min(known.count, count + StableRun.interval)
      for first in stride(from: count, to: end, by: batchSize) {
        guard try feed.measure(known[first..<min(first + batchSize, end)]) else { break }
      }
      let accumulator = try collector.finish()[0]
      if isCancelled() { throw Cancelled() }
      let isWhole = end == count + StableRun.interval
      count = end
      if isWhole { checks.append(try accumulator.check()) } else { break }
    }
    return StableRun(checks, below: limit, try collector.finish()[0])
  }
}
