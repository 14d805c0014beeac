import Inference
import Synchronization

/// Keeps all that a pass offers, by what it belongs to.
final class CollectingRecorder: AttentionRecorder {
  struct Key: Hashable {
    var chunk: Int
    var layer: Int
    var head: Int
    var position = 0
  }

  let request: RecordRequest
  let headsPerGroup: Int
  private let state = Mutex((rows: [Key: [Float]](), norms: [Key: [Double]]()))

  init(queryPositions: [Int], layers: Set<Int>? = nil, headsPerGroup: Int) {
    request = RecordRequest(layers: layers, queryPositions: queryPositions, parts: .attention)
    self.headsPerGroup = headsPerGroup
  }

  /// Rows by chunk, layer, query head and position.
  var rows: [Key: [Float]] { state.withLock { $0.rows } }
  /// Norms by chunk, layer and KV head.
  var norms: [Key: [Double]] { state.withLock { $0.norms } }

  func makeWorker() -> any RecorderWorker { Group(self) }

  private final class Group: RecorderWorker {
    private let owner: CollectingRecorder
    private var key = Key(chunk: 0, layer: 0, head: 0)

    init(_ owner: CollectingRecorder) { self.owner = owner }

    func begin(_ view: KVHeadView) {
      key = Key(chunk: view.sequence, layer: view.layer, head: view.kvHead)
      let norms = Array(view.keyNorms)
      owner.state.withLock { $0.norms[key] = norms }
    }

    func take(_ tile: AttentionTile) {
      for (query, position) in tile.positions.enumerated() {
        for head in 0..<owner.headsPerGroup {
          let key = Key(
            chunk: key.chunk, layer: key.layer, head: key.head * owner.headsPerGroup + head,
            position: position)
          let row = Array(tile.cachedScores(query: query, head: head))
          owner.state.withLock { $0.rows[key] = row }
        }
      }
    }

    func finish() {}
  }
}
