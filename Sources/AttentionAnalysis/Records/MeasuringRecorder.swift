import Inference
import Results

/// Measures what a forward pass offers and hands the records on.
struct MeasuringRecorder: AttentionRecorder {
  let shape: RunShape
  let query: QuerySelection
  let scores: [any EvictionScore]
  /// Of the model, where output errors are measured.
  var grams: OutputGrams?
  /// Of the pass that is recorded.
  let kernels: Kernels
  let collector: RecordCollector

  var request: RecordRequest {
    precondition(
      scores.allSatisfy { $0.needs.isSubset(of: [.keys, .values]) },
      "a score sees what is cached, no query")
    return RecordRequest(
      queryPositions: query.recordedRows(n: shape.chunkLength),
      parts: scores.reduce(grams == nil ? .attention : [.attention, .values, .residuals]) {
        $0.union($1.needs)
      })
  }

  func makeWorker() throws -> any RecorderWorker {
    Worker(
      measurer: try HeadMeasurer(
        query: query, shape: shape, scores: scores, grams: grams, kernels: kernels),
      collector: collector)
  }

  func finish(_ rows: LayerRows) { collector.complete(rows) }

  private final class Worker: RecorderWorker {
    private let measurer: HeadMeasurer
    private let collector: RecordCollector
    /// A layer over a batch can take long: once asked to stop, measuring ends with the KV head.
    private var isStopped = false

    init(measurer: HeadMeasurer, collector: RecordCollector) {
      self.measurer = measurer
      self.collector = collector
    }

    func begin(_ view: KVHeadView) {
      isStopped = collector.shouldStop
      if !isStopped { measurer.begin(view) }
    }

    func take(_ tile: AttentionTile) {
      if isStopped { return }
      for (query, position) in tile.positions.enumerated() {
        measurer.add(row: position) { tile.cachedScores(query: query, head: $0) }
        measurer.addErrors(row: position) { tile.scores(query: query, head: $0) }
      }
    }

    func finish() {
      if !isStopped { collector.collect(from: measurer) }
    }
  }
}
