import Inference
import Synchronization

/// Keeps the attention rows of a text, averaged over the query heads of each KV head.
final class RowRecorder: AttentionRecorder {
  let request: RecordRequest
  /// By layer and KV head, then by position of the query: a score for each slot up to its own.
  private let state = Mutex<[[Int]: [Int: [Double]]]>([:])
  private let groupSize: Int

  init(positions: [Int], groupSize: Int) {
    request = RecordRequest(queryPositions: positions, parts: .attention)
    self.groupSize = groupSize
  }

  var rows: [[Int]: [Int: [Double]]] { state.withLock { $0 } }

  func makeWorker() -> any RecorderWorker { Worker(self) }

  private final class Worker: RecorderWorker {
    private let owner: RowRecorder
    private var place: [Int] = []

    init(_ owner: RowRecorder) { self.owner = owner }

    func begin(_ view: KVHeadView) { place = [view.layer, view.kvHead] }

    func take(_ tile: AttentionTile) {
      for (query, position) in tile.positions.enumerated() {
        var row = [Double](repeating: 0, count: tile.slots[query].count)
        for head in 0..<owner.groupSize {
          for (slot, score) in tile.scores(query: query, head: head).enumerated() {
            row[slot] += Double(score) / Double(owner.groupSize)
          }
        }
        let (place, mean) = (place, row)
        owner.state.withLock { $0[place, default: [:]][position] = mean }
      }
    }

    func finish() {}
  }
}
