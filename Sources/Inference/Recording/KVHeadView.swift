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

  public init(
    sequence: Int, layer: Int, kvHead: Int, window: Int?, positions: UnsafeBufferPointer<UInt32>,
    keyNorms: UnsafeBufferPointer<Double>, keys: HeadVectors? = nil, values: HeadVectors? = nil,
    queries: [HeadVectors] = []
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
  }

  /// Slots.
  public var count: Int { keyNorms.count }

  /// Some of the slots in a row: a cache that held no others, without queries.
  public func slots(_ range: Range<Int>) -> KVHeadView {
    KVHeadView(
      sequence: sequence, layer: layer, kvHead: kvHead, window: window,
      positions: UnsafeBufferPointer(rebasing: positions[range]),
      keyNorms: UnsafeBufferPointer(rebasing: keyNorms[range]),
      keys: keys?.vectors(range), values: values?.vectors(range))
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
      values: parts.contains(.values) ? HeadVectors(cachedValuesOf: slab) : nil)
  }
}
