/// The cached positions of one KV head of one sequence in one layer, while a text is being read or
/// in a live cache.
///
/// The arrays belong to the pass or the cache, and are valid until either goes on.
public struct KVHeadView {
  /// Index of the sequence in the whole run.
  public let sequence: Int
  public let layer: Int
  public let kvHead: Int
  /// The layer's sliding window, the query included; `nil` where attention is global.
  public let window: Int?
  /// Where each slot's key stands in its sequence, ascending.
  public let positions: UnsafeBufferPointer<UInt32>
  /// Norms of the keys before their rotation, one for each slot.
  public let keyNorms: UnsafeBufferPointer<Double>
  /// One for each slot; `nil` where nobody asked for them.
  public let keys: HeadVectors?
  /// One for each slot; `nil` where nobody asked for them.
  public let values: HeadVectors?
  /// For each query head of the KV head, its vectors at the query positions asked for; empty where
  /// nobody asked for them.
  public let queries: [HeadVectors]
  /// What the layer makes of products of queries and keys.
  public let scaling: Scaling

  /// How products of queries and keys become what the softmax is taken of.
  public struct Scaling: Sendable, Equatable {
    /// Multiplies the products.
    public let scale: Float
    /// Scores `s` become `cap · tanh(s / cap)`; 0 for none.
    public let softCap: Float

    public init(scale: Float = 1, softCap: Float = 0) {
      self.scale = scale
      self.softCap = softCap
    }
  }

  public init(
    sequence: Int, layer: Int, kvHead: Int, window: Int?, positions: UnsafeBufferPointer<UInt32>,
    keyNorms: UnsafeBufferPointer<Double>, keys: HeadVectors? = nil, values: HeadVectors? = nil,
    queries: [HeadVectors] = [], scaling: Scaling = Scaling()
  ) {
    precondition(positions.count == keyNorms.count, "one norm a slot")
    self.sequence = sequence
    self.layer = layer
    self.kvHead = kvHead
    self.window = window
    self.positions = positions
    self.keyNorms = keyNorms
    self.keys = keys
    self.values = values
    self.queries = queries
    self.scaling = scaling
  }

  /// Slots.
  public var count: Int { keyNorms.count }

  /// Some of the slots in a row: a cache that held no others, and has seen no query behind the
  /// last of them.
  public func slots(_ range: Range<Int>) -> KVHeadView {
    let last = range.isEmpty ? -1 : Int(positions[range.upperBound - 1])
    return KVHeadView(
      sequence: sequence, layer: layer, kvHead: kvHead, window: window,
      positions: UnsafeBufferPointer(rebasing: positions[range]),
      keyNorms: UnsafeBufferPointer(rebasing: keyNorms[range]),
      keys: keys?.vectors(range), values: values?.vectors(range),
      queries: queries.map { $0.through(last) }, scaling: scaling)
  }

  /// The view with queries that were copied before their rotation; without any where it has no keys
  /// to tell the rotation by.
  ///
  /// - Parameters:
  ///   - rows: for each query head, where each of its vectors begins; they stay as long as the view
  ///     is in use.
  ///   - positions: of the queries, ascending, the same for every head.
  public func with(
    queries rows: [[UnsafePointer<Float>]], at positions: [Int]
  ) -> KVHeadView {
    KVHeadView(
      sequence: sequence, layer: layer, kvHead: kvHead, window: window, positions: self.positions,
      keyNorms: keyNorms, keys: keys, values: values,
      queries: keys.map { keys in rows.map { keys.others(rows: $0, positions: positions) } } ?? [],
      scaling: scaling)
  }
}

extension KVCache {
  /// What the cache holds of one KV head, its keys and values as they are stored: rotated, and
  /// rounded where products are.
  ///
  /// - Parameters:
  ///   - layer: of a transient cache the one that it holds.
  ///   - parts: keys and values are looked at where they are among them; there are no queries.
  public func view(
    layer: Int, sequence: Int, kvHead: Int, parts: RecordRequest.Parts = []
  ) -> KVHeadView {
    precondition(holds(layer: layer), "a transient cache holds one layer at a time")
    let slab = slab(layer: layer, sequence: sequence, kvHead: kvHead)
    return KVHeadView(
      sequence: sequence, layer: layer, kvHead: kvHead, window: window(ofLayer: layer),
      positions: UnsafeBufferPointer(start: slab.positions, count: slab.count),
      keyNorms: UnsafeBufferPointer(start: slab.norms, count: slab.count),
      keys: parts.contains(.keys)
        ? HeadVectors(
          cachedKeysOf: slab, rotary: rotation(ofLayer: layer),
          canTakeBack: knowsRotation(ofLayer: layer)) : nil,
      values: parts.contains(.values) ? HeadVectors(cachedValuesOf: slab) : nil,
      scaling: scaling(ofLayer: layer))
  }

  private func scaling(ofLayer layer: Int) -> KVHeadView.Scaling {
    KVHeadView.Scaling(
      scale: spec.attentionScale * spec.layers[layer].scoreScale,
      softCap: spec.attentionSoftCap ?? 0)
  }
}
