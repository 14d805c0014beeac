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

  let queryPositions: [Int]
  let headsPerGroup: Int
  private let state = Mutex((rows: [Key: [Float]](), norms: [Key: [Double]]()))

  init(queryPositions: [Int], headsPerGroup: Int) {
    self.queryPositions = queryPositions
    self.headsPerGroup = headsPerGroup
  }

  /// Rows by chunk, layer, query head and position.
  var rows: [Key: [Float]] { state.withLock { $0.rows } }
  /// Norms by chunk, layer and KV head.
  var norms: [Key: [Double]] { state.withLock { $0.norms } }

  func makeKVHeadRecorder() -> any KVHeadRecorder { Group(self) }

  private final class Group: KVHeadRecorder {
    private let owner: CollectingRecorder
    private var chunk = 0, layer = 0, kvHead = 0

    init(_ owner: CollectingRecorder) { self.owner = owner }

    func begin(
      chunk: Int, layer: Int, kvHead: Int, keyNorms: UnsafeBufferPointer<Double>, window: Int?
    ) {
      (self.chunk, self.layer, self.kvHead) = (chunk, layer, kvHead)
      let key = Key(chunk: chunk, layer: layer, head: kvHead)
      let norms = Array(keyNorms)
      owner.state.withLock { $0.norms[key] = norms }
    }

    func add(head: Int, position: Int, attention: UnsafeBufferPointer<Float>) {
      let key = Key(
        chunk: chunk, layer: layer, head: kvHead * owner.headsPerGroup + head, position: position)
      let row = Array(attention)
      owner.state.withLock { $0.rows[key] = row }
    }

    func finish() {}
  }
}
