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
  /// Queries that an earlier pass saw; `nil` where this one sees them all.
  var earlier: QueryStore?

  /// Of the queries before a row those that scores look at; what comes later is kept from them by
  /// the view of the row's candidates.
  var request: RecordRequest {
    let rows = query.recordedRows(n: shape.chunkLength)
    var parts = scores.reduce(
      grams == nil ? RecordRequest.Parts.attention : [.attention, .values, .residuals]
    ) { $0.union($1.needs) }
    if earlier != nil { parts.remove(.queries) }
    let observed = scores.observed
    let seen = rows.reduce(into: Set<Int>()) { $0.formUnion(observed.positions(before: $1)) }
    return RecordRequest(queryPositions: rows, vectorPositions: seen.sorted(), parts: parts)
  }

  func makeWorker() throws -> any RecorderWorker {
    Worker(
      measurer: try HeadMeasurer(
        query: query, shape: shape, scores: scores, grams: grams, kernels: kernels),
      collector: collector, earlier: earlier)
  }

  func finish(_ rows: LayerRows) { collector.complete(rows) }

  private final class Worker: RecorderWorker {
    private let measurer: HeadMeasurer
    private let collector: RecordCollector
    private let earlier: QueryStore?
    /// A layer over a batch can take long: once asked to stop, measuring ends with the KV head.
    private var isStopped = false

    init(measurer: HeadMeasurer, collector: RecordCollector, earlier: QueryStore?) {
      self.measurer = measurer
      self.earlier = earlier
      self.collector = collector
    }

    func begin(_ view: KVHeadView) {
      isStopped = collector.shouldStop
      if !isStopped { measurer.begin(earlier?.attached(to: view) ?? view) }
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

extension Sequence<any EvictionScore> {
  /// The queries that any of them looks at.
  var observed: ObservedQueries { reduce(.none) { $0.union($1.observed) } }
}
