import CKernels

/// The keys and values that a forward pass attends to: for each layer, sequence and KV head a slab
/// of its own length.
///
/// A key keeps the rotation that it got when it was appended, also where the rotation depends on
/// the length of the text (dynamic scaling, longrope): `length` then says for which it is made.
/// An instance belongs to one pass at a time.
public final class KVCache {
  /// How long a cache keeps keys.
  public enum Mode: Sendable {
    /// Every layer's keys stay, for the tokens to come.
    case kept
    /// One layer's keys at a time, for texts that are read once and whole.
    case transient
  }

  public let mode: Mode
  /// Tokens that each sequence will have, where that is known beforehand: rotations that depend on
  /// the length are made for it, not for the tokens so far.
  public let length: Int?
  /// Positions of a sequence that room is made for at once and stays, where fewer than all of them
  /// will be cached at a time.
  public let room: Int?
  /// The sequences that it holds, by their index in the whole run.
  public private(set) var sequences: Range<Int>
  let spec: ArchitectureSpec
  let kernels: Kernels
  let number: alr_number
  let rotaries: RotaryTables
  /// (layer or one for all, sequence, KV head)
  private var slabs: [KVSlab] = []
  /// Whether any key was rotated elsewhere than at its position.
  private var hasShifts = false
  /// The layer whose keys a transient cache holds.
  private var presentLayer: Int?

  init(
    spec: ArchitectureSpec, kernels: Kernels, number: alr_number, mode: Mode,
    sequences: Range<Int>, length: Int? = nil, room: Int? = nil
  ) {
    self.mode = mode
    self.length = length
    self.room = room
    self.sequences = sequences
    self.spec = spec
    self.kernels = kernels
    self.number = number
    rotaries = RotaryTables(spec)
    makeSlabs()
  }

  /// Forgets everything and holds other sequences from now on; memory is kept for them.
  public func restart(sequences: Range<Int>) {
    self.sequences = sequences
    presentLayer = nil
    hasShifts = false
    for slab in slabs { slab.clear() }
    makeSlabs()
  }

  private func makeSlabs() {
    let layers = mode == .kept ? spec.layerCount : 1
    while slabs.count < layers * sequences.count * spec.kvHeadCount {
      slabs.append(KVSlab(headDim: spec.headDim, kernels: kernels, number: number))
    }
  }

  /// Begins to append rows to a layer: of a transient cache the one before it is over.
  func begin(layer: Int, rows: ActiveRows) {
    if rows.spans.contains(where: { $0.shift != 0 }) { hasShifts = true }
    guard mode == .transient, presentLayer != layer else { return }
    for slab in slabs { slab.clear() }
    presentLayer = layer
  }

  public var layerCount: Int { spec.layerCount }
  public var kvHeadCount: Int { spec.kvHeadCount }

  /// Cached positions of one KV head.
  public func count(layer: Int, sequence: Int, kvHead: Int) -> Int {
    slab(layer: layer, sequence: sequence, kvHead: kvHead).count
  }

  /// Drops all but these slots of one KV head, which ascend, and gives memory back.
  public func keep(_ slots: [Int], layer: Int, sequence: Int, kvHead: Int) {
    precondition(mode == .kept, "a transient cache holds one layer at a time")
    slab(layer: layer, sequence: sequence, kvHead: kvHead).keep(slots, expected: room ?? 0)
  }

  /// Positions that a slab which has to grow gets room for: one that was pruned will not hold all.
  func expectedCount(of slab: KVSlab) -> Int { room ?? (slab.isPruned ? 0 : length ?? 0) }

  /// Makes what one sequence holds a copy of what a sequence of another cache of the same model
  /// and kind holds.
  public func copy(_ other: KVCache, sequence source: Int, to target: Int) {
    precondition(mode == .kept && other.mode == .kept, "caches that keep every layer")
    if other.hasShifts { hasShifts = true }
    rotaries.adopt(other.rotaries)
    for layer in 0..<layerCount {
      for kvHead in 0..<kvHeadCount {
        slab(layer: layer, sequence: target, kvHead: kvHead)
          .copy(other.slab(layer: layer, sequence: source, kvHead: kvHead))
      }
    }
  }

  /// Bytes that keys, values, norms and positions take now.
  public var byteCount: Int { slabs.reduce(0) { $0 + $1.byteCount } }

  /// Bytes that one sequence of `length` tokens takes.
  static func byteCount(
    spec: ArchitectureSpec, kernels: Kernels, number: alr_number, length: Int, mode: Mode
  ) -> Int {
    (mode == .kept ? spec.layerCount : 1) * spec.kvHeadCount
      * KVSlab.byteCount(headDim: spec.headDim, kernels: kernels, number: number, length: length)
  }

  func slab(layer: Int, sequence: Int, kvHead: Int) -> KVSlab {
    let layer = mode == .kept ? layer : 0
    let place = layer * sequences.count + sequence - sequences.lowerBound
    return slabs[place * spec.kvHeadCount + kvHead]
  }

  /// The layer's sliding window, the query included; `nil` where attention is global.
  func window(ofLayer layer: Int) -> Int? { spec.layers[layer].window }

  /// The rotation of the layer's keys; `nil` where the layer rotates nothing.
  func rotation(ofLayer layer: Int) -> RotaryTable? {
    spec.layers[layer].rotary == nil ? nil : rotaries[spec.layers[layer]]
  }

  /// Whether every key of the layer has the rotation of its position that is made now.
  func knowsRotation(ofLayer layer: Int) -> Bool {
    guard let rotary = spec.layers[layer].rotary else { return true }
    if hasShifts { return false }
    return length != nil || !spec.rotaries[rotary].dependsOnLength
  }

  /// Whether the layer's keys are here.
  func holds(layer: Int) -> Bool { mode == .kept || layer == presentLayer }

  /// Slots of any KV head at most.
  var largestCapacity: Int { slabs.reduce(0) { max($0, $1.capacity) } }
}
