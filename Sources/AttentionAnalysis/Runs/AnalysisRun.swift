import Inference
import Results

/// One run: what is measured, on what, and how.
///
/// The forward pass is handed in, so that a run can be tried without a model.
public struct AnalysisRun: Sendable {
  /// The user asked to stop before the run was complete.
  public struct Cancelled: Error, Equatable, CustomStringConvertible {
    public init() {}

    public var description: String { "interrupted; nothing was written" }
  }

  /// Name and version of the tool, for the result.
  public var tool: String
  public var model: ModelSummary
  public var corpus: CorpusSummary
  public var protocolSummary: ProtocolSummary
  public var shape: RunShape
  public var query: QuerySelection
  /// The scores that order the dropping, each by itself.
  public var scores: [any EvictionScore]
  /// Token ids of each chunk, BOS included: `n` cached positions and the query's own token.
  public var chunks: [[Int32]]

  public init(
    tool: String, model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary,
    shape: RunShape, query: QuerySelection, scores: [any EvictionScore] = [KeyNorm()],
    chunks: [[Int32]]
  ) {
    self.tool = tool
    self.model = model
    self.corpus = corpus
    self.protocolSummary = protocolSummary
    self.shape = shape
    self.query = query
    self.scores = scores
    self.chunks = chunks
  }

  /// The facts that make two runs the same run.
  public var identity: ResultsFolder.Identity {
    ResultsFolder.Identity(model: model, corpus: corpus, protocolSummary: protocolSummary)
  }

  /// Records that the pass will hand over.
  public var recordCount: Int { chunks.count * shape.layers.count * shape.kvHeads }

  /// A measurer for one worker of the pass.
  ///
  /// - Parameter kernels: of the pass.
  public func makeMeasurer(kernels: Kernels = Kernels()) throws(MeasurementError) -> HeadMeasurer {
    try HeadMeasurer(query: query, shape: shape, scores: scores, kernels: kernels)
  }

  /// Runs `pass` over the chunks and assembles what it recorded of the first score.
  ///
  /// - Parameters:
  ///   - progress: the share of the work that is done, 0…1; from any thread, one call at a time.
  ///   - isCancelled: whether the user has asked to stop.
  ///   - pass: hands the record of every KV head, layer and chunk to the collector, and returns
  ///     early where that says so.
  /// - Throws: `Cancelled`, `MeasurementError`, and whatever `pass` throws.
  public func run(
    progress: @escaping @Sendable (_ fraction: Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false },
    pass: (AnalysisRun, RecordCollector) throws -> Void
  ) throws -> AnalysisResult {
    try results(progress: progress, isCancelled: isCancelled, pass: pass)[0]
  }

  /// The same with a result for each score.
  func results(
    progress: @escaping @Sendable (_ fraction: Double) -> Void,
    isCancelled: @escaping @Sendable () -> Bool,
    pass: (AnalysisRun, RecordCollector) throws -> Void
  ) throws -> [AnalysisResult] {
    // A selection without rows fails here, before any work.
    _ = try makeMeasurer()
    let total = Double(max(1, recordCount))
    let collector = RecordCollector(
      shape: shape, scores: scores.count, progress: { progress(Double($0) / total) },
      isCancelled: isCancelled)
    try pass(self, collector)
    let accumulators = try collector.finish()
    if isCancelled() { throw Cancelled() }
    return try zip(scores, accumulators).map { score, accumulator in
      var summary = protocolSummary
      summary.score = score.name
      return try accumulator.result(
        tool: tool, model: model, corpus: corpus, protocolSummary: summary)
    }
  }
}
