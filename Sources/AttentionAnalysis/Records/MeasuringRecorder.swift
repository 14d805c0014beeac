import Inference

/// Measures what a forward pass offers and hands the records on.
struct MeasuringRecorder: AttentionRecorder {
  let shape: RunShape
  let query: QuerySelection
  let collector: RecordCollector

  var queryPositions: [Int] { query.recordedRows(n: shape.chunkLength) }

  func makeKVHeadRecorder() throws -> any KVHeadRecorder {
    Worker(
      measurer: try HeadMeasurer(query: query, shape: shape), collector: collector,
      chunkLength: shape.chunkLength)
  }

  private final class Worker: KVHeadRecorder {
    private let measurer: HeadMeasurer
    private let collector: RecordCollector
    private let chunkLength: Int
    /// A layer over a batch can take long: once asked to stop, measuring ends with the KV head.
    private var isStopped = false

    init(measurer: HeadMeasurer, collector: RecordCollector, chunkLength: Int) {
      self.measurer = measurer
      self.collector = collector
      self.chunkLength = chunkLength
    }

    func begin(
      chunk: Int, layer: Int, kvHead: Int, keyNorms: UnsafeBufferPointer<Double>, window: Int?
    ) {
      isStopped = collector.shouldStop
      if isStopped { return }
      // The last position is the query's own: it is not cached yet.
      measurer.begin(
        chunk: chunk, layer: layer, kvHead: kvHead,
        keyNorms: UnsafeBufferPointer(rebasing: keyNorms[..<chunkLength]), window: window)
    }

    func add(head: Int, position: Int, attention: UnsafeBufferPointer<Float>) {
      if isStopped { return }
      measurer.add(head: head, row: position, attention: attention)
    }

    func finish() {
      if !isStopped { collector.collect(from: measurer) }
    }
  }
}
