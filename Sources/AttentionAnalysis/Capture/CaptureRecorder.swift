import Inference
import ModelFiles
import Results
import Synchronization

/// The layers, heads and parts of a prompt that are captured.
public struct CaptureRequest: Sendable, Equatable {
  /// Ascending.
  public var layers: [Int]
  /// Query heads of each of those layers, ascending.
  public var heads: [Int]
  public var parts: Set<CapturePart>
  /// Attention scores above it are stored one by one; `nil` for whole maps.
  public var threshold: Double?

  public init(
    layers: [Int], heads: [Int], parts: Set<CapturePart> = Set(CapturePart.usual),
    threshold: Double? = nil
  ) {
    precondition(!layers.isEmpty && !heads.isEmpty, "at least one layer and head")
    self.layers = layers.sorted()
    self.heads = heads.sorted()
    self.parts = parts
    self.threshold = threshold
  }

  /// The size of such a capture of `tokens` tokens.
  public func size(of spec: ArchitectureSpec, tokens: Int) -> CaptureSize {
    CaptureSize(
      layers: layers.count, heads: heads.count,
      kvHeads: PromptCapture.kvHeads(of: heads, groupSize: spec.groupSize).count,
      headDim: spec.headDim, tokens: tokens, parts: parts, threshold: threshold)
  }
}

/// Keeps what a request asks for of a pass over one chunk; memory is that of the capture.
final class CaptureRecorder: AttentionRecorder {
  private let captured: CaptureRequest
  private let shape: Shape
  private let state: Mutex<State>

  /// Where layers and heads of the model stand in the arrays.
  private struct Shape {
    let tokens: Int
    let headDim: Int
    let groupSize: Int
    let layers: [Int: Int]
    let heads: [Int: Int]
    let kvHeads: [Int: Int]
  }

  /// Entries of one attention map, row after row.
  private struct SparseMap {
    var counts: [Int] = []
    var positions: [Int32] = []
    var scores: [Float] = []
  }

  private struct State {
    var attention: [Float] = []
    var sparse: [SparseMap] = []
    var keyNorms: [Double] = []
    var keys: [Float] = []
    var values: [Float] = []
    var rotatedKeys: [Float] = []
    var rotatedQueries: [Float] = []
    var error: MeasurementError?
  }

  init(_ request: CaptureRequest, spec: ArchitectureSpec, tokens: Int) {
    captured = request
    func places(_ indices: [Int]) -> [Int: Int] {
      Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) })
    }
    let kvHeads = PromptCapture.kvHeads(of: request.heads, groupSize: spec.groupSize)
    shape = Shape(
      tokens: tokens, headDim: spec.headDim, groupSize: spec.groupSize,
      layers: places(request.layers), heads: places(request.heads), kvHeads: places(kvHeads))
    let maps = request.layers.count * request.heads.count
    let keys = request.layers.count * kvHeads.count * tokens
    func zeros<T: StoredNumber>(_ part: CapturePart, _ count: Int, _ zero: T) -> [T] {
      request.parts.contains(part) ? [T](repeating: zero, count: count) : []
    }
    var state = State()
    if request.threshold == nil {
      state.attention = zeros(.attention, maps * tokens * tokens, 0)
    } else if request.parts.contains(.attention) {
      state.sparse = Array(repeating: SparseMap(), count: maps)
    }
    state.keyNorms = zeros(.keyNorms, keys, 0)
    state.keys = zeros(.keys, keys * spec.headDim, 0)
    state.values = zeros(.values, keys * spec.headDim, 0)
    state.rotatedKeys = zeros(.rotatedKeys, keys * spec.headDim, 0)
    state.rotatedQueries = zeros(.rotatedQueries, maps * tokens * spec.headDim, 0)
    self.state = Mutex(state)
  }

  var request: RecordRequest {
    let wanted: [(CapturePart, RecordRequest.Parts)] = [
      (.attention, .attention), (.rotatedQueries, .queries), (.keys, .keys), (.rotatedKeys, .keys),
      (.values, .values),
    ]
    return RecordRequest(
      layers: Set(captured.layers), queryPositions: Array(0..<shape.tokens),
      parts: wanted.reduce([]) { captured.parts.contains($1.0) ? $0.union($1.1) : $0 })
  }

  func makeWorker() -> any RecorderWorker { Worker(self) }

  /// Whether the pass need not go on.
  var hasFailed: Bool { state.withLock { $0.error != nil } }

  /// Everything kept.
  ///
  /// - Throws: the first error.
  func finish() throws(MeasurementError) -> CaptureArrays {
    // Taken out of the state, so that no array is there twice.
    let state = self.state.withLock { state in
      let taken = state
      state = State()
      return taken
    }
    if let error = state.error { throw error }
    let layers = captured.layers.count
    let keys = [layers, shape.kvHeads.count, shape.tokens]
    let maps = [layers, shape.heads.count, shape.tokens]
    func array<T>(_ part: CapturePart, _ shape: [Int], _ values: [T]) -> NumberArray<T>? {
      captured.parts.contains(part) ? NumberArray(shape: shape, values: values) : nil
    }
    var arrays = CaptureArrays(
      keyNorms: array(.keyNorms, keys, state.keyNorms),
      keys: array(.keys, keys + [shape.headDim], state.keys),
      values: array(.values, keys + [shape.headDim], state.values),
      rotatedKeys: array(.rotatedKeys, keys + [shape.headDim], state.rotatedKeys),
      rotatedQueries: array(.rotatedQueries, maps + [shape.headDim], state.rotatedQueries))
    if let threshold = captured.threshold, captured.parts.contains(.attention) {
      arrays.attention = .sparse(Self.joined(state.sparse, threshold: threshold))
    } else {
      arrays.attention = array(.attention, maps + [shape.tokens], state.attention)
        .map(CapturedAttention.dense)
    }
    return arrays
  }

  private static func joined(_ maps: [SparseMap], threshold: Double) -> SparseAttention {
    var offsets: [Int64] = [0]
    var end = 0
    for count in maps.lazy.flatMap(\.counts) {
      end += count
      offsets.append(Int64(end))
    }
    return SparseAttention(
      threshold: threshold, offsets: NumberArray(shape: [offsets.count], values: offsets),
      positions: NumberArray(shape: [end], values: maps.flatMap(\.positions)),
      scores: NumberArray(shape: [end], values: maps.flatMap(\.scores)))
  }

  /// Copies one KV head's part into the arrays.
  private final class Worker: RecorderWorker {
    private let owner: CaptureRecorder
    private let request: CaptureRequest
    private let shape: Shape
    private var layer = 0
    private var kvHead = 0
    /// The captured layer and KV head; `nil` where the present one is not captured.
    private var place: (layer: Int, kvHead: Int)?
    /// By index among the query heads of the KV head.
    private var sparse: [SparseMap]

    init(_ owner: CaptureRecorder) {
      self.owner = owner
      request = owner.captured
      shape = owner.shape
      sparse = Array(repeating: SparseMap(), count: owner.shape.groupSize)
    }

    func begin(_ view: KVHeadView) {
      (layer, kvHead) = (view.layer, view.kvHead)
      place = nil
      guard let layerPlace = shape.layers[layer], let headPlace = shape.kvHeads[kvHead] else {
        return
      }
      place = (layerPlace, headPlace)
      for index in sparse.indices { sparse[index] = SparseMap() }
      guard view.keyNorms.allSatisfy(\.isFinite) else {
        return fail(.nonFiniteVectors(layer: layer, kvHead: kvHead))
      }
      storeNorms(view)
      storeVectors(view)
    }

    private func storeNorms(_ view: KVHeadView) {
      guard request.parts.contains(.keyNorms) else { return }
      let first = firstKey(1)
      owner.state.withLock { state in
        for (position, norm) in view.keyNorms.enumerated() {
          state.keyNorms[first + position] = norm
        }
      }
    }

    /// Where the present KV head's elements begin in an array with `size` of them a position.
    private func firstKey(_ size: Int) -> Int {
      ((place?.layer ?? 0) * shape.kvHeads.count + (place?.kvHead ?? 0)) * shape.tokens * size
    }

    /// Where a query head of the present KV head stands among all maps; `nil` where it is not
    /// captured.
    private func map(ofHead head: Int) -> Int? {
      guard let place, let index = shape.heads[kvHead * shape.groupSize + head] else { return nil }
      return place.layer * shape.heads.count + index
    }

    private func storeVectors(_ view: KVHeadView) {
      let first = firstKey(shape.headDim)
      if let keys = view.keys {
        store(.keys, \.keys, first) { keys.copy(to: $0) }
        store(.rotatedKeys, \.rotatedKeys, first) { keys.copyRotated(to: $0) }
      }
      if let values = view.values { store(.values, \.values, first) { values.copy(to: $0) } }
      for (head, queries) in view.queries.enumerated() {
        guard let map = map(ofHead: head) else { continue }
        store(.rotatedQueries, \.rotatedQueries, map * shape.tokens * shape.headDim) {
          queries.copyRotated(to: $0)
        }
      }
    }

    /// Fills the vectors of one head, from element `first` on.
    private func store(
      _ part: CapturePart, _ array: WritableKeyPath<State, [Float]>, _ first: Int,
      _ fill: (UnsafeMutableBufferPointer<Float>) -> Void
    ) {
      guard request.parts.contains(part) else { return }
      let count = shape.tokens * shape.headDim
      let isFinite = owner.state.withLock { state in
        state[keyPath: array].withUnsafeMutableBufferPointer { all in
          let target = UnsafeMutableBufferPointer(rebasing: all[first..<first + count])
          fill(target)
          return target.allSatisfy(\.isFinite)
        }
      }
      if !isFinite { fail(.nonFiniteVectors(layer: layer, kvHead: kvHead)) }
    }

    func take(_ tile: AttentionTile) {
      for (query, position) in tile.positions.enumerated() {
        for head in 0..<shape.groupSize {
          add(head: head, position: position, attention: tile.scores(query: query, head: head))
        }
      }
    }

    private func add(head: Int, position: Int, attention: UnsafeBufferPointer<Float>) {
      guard let map = map(ofHead: head) else { return }
      guard attention.allSatisfy(\.isFinite) else {
        return fail(
          .nonFiniteAttention(
            chunk: 0, layer: layer, head: kvHead * shape.groupSize + head, row: position))
      }
      let start = position + 1 - attention.count
      guard let threshold = request.threshold else {
        let first = (map * shape.tokens + position) * shape.tokens + start
        owner.state.withLock { state in
          state.attention.withUnsafeMutableBufferPointer { all in
            _ = UnsafeMutableBufferPointer(rebasing: all[first..<first + attention.count])
              .update(fromContentsOf: attention)
          }
        }
        return
      }
      var count = 0
      for (index, score) in attention.enumerated() where Double(score) > threshold {
        sparse[head].positions.append(Int32(truncatingIfNeeded: start + index))
        sparse[head].scores.append(score)
        count += 1
      }
      sparse[head].counts.append(count)
    }

    func finish() {
      guard request.threshold != nil, request.parts.contains(.attention) else { return }
      for head in sparse.indices {
        guard let map = map(ofHead: head) else { continue }
        owner.state.withLock { $0.sparse[map] = sparse[head] }
      }
    }

    private func fail(_ error: MeasurementError) {
      owner.state.withLock { $0.error = $0.error ?? error }
    }
  }
}
