import CKernels

/// The keys and values that a forward pass attends to: for each layer, sequence and KV head a slab
/// of its own length.
///
/// A key keeps the rotation that it got when it was appended, also where the rotation depends on
/// the length of the text (dynamic scaling, longrope): `length` then says for which it is made.
/// An instance belongs to one pass at a time.
public final class KVCache {
  /// What a cache is for.
  public enum Mode: Sendable {
    /// Every layer's keys stay, for the tokens to come.
    case kept
    /// One layer's keys at a time, for texts that are read once and whole.
    case transient
  }

  public let mode: Mode
  /// Tokens that each sequence will have, where that is known beforehand: room is made for them at
  /// once, and rotations that depend on the length are made for it, not for the tokens so far.
  public let length: Int?
  /// The sequences that it holds, by their index in the whole run.
  public private(set) var sequences: Range<Int>
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let number: alr_number
  let rotaries: RotaryTables
  /// (layer or one for all, sequence, KV head)
  private var slabs: [KVSlab] = []
  /// The layer whose keys a transient cache holds.
  private var presentLayer: Int?

  /// An empty cache for passes like `pass`.
  public convenience init(
    for pass: ForwardPass, mode: Mode, sequences: Range<Int>, length: Int? = nil
  ) {
    self.init(
      spec: pass.model.spec, kernels: pass.kernels,
      number: pass.kernels.number(for: pass.precision), mode: mode, sequences: sequences,
      length: length)
  }

  init(
    spec: ArchitectureSpec, kernels: Kernels, number: alr_number, mode: Mode,
    sequences: Range<Int>, length: Int? = nil
  ) {
    self.mode = mode
    self.length = length
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
    for slab in slabs { slab.clear() }
    makeSlabs()
  }

  private func makeSlabs() {
    let layers = mode == .kept ? spec.layerCount : 1
    while slabs.count < layers * sequences.count * spec.kvHeadCount {
      slabs.append(KVSlab(headDim: spec.headDim, kernels: kernels, number: number))
    }
  }

  /// Cached positions of one KV head.
  public func count(layer: Int, sequence: Int, kvHead: Int) -> Int {
    slab(layer: layer, sequence: sequence, kvHead: kvHead).count
  }

  /// Drops all but these slots of one KV head, which ascend, and gives memory back.
  public func keep(_ slots: [Int], layer: Int, sequence: Int, kvHead: Int) {
    precondition(mode == .kept, "a transient cache holds one layer at a time")
    slab(layer: layer, sequence: sequence, kvHead: kvHead).keep(slots)
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

  /// Slots of any KV head at most.
  var largestCapacity: Int { slabs.reduce(0) { max($0, $1.capacity) } }
}

extension KVCache {
  /// Panels of keys packed in one piece of work.
  private static let panelsPerPiece = 4

  /// Appends the keys and values of `rows`, all of them consecutive positions of their sequences.
  ///
  /// - Parameters:
  ///   - keys: (rows, kvHeads · headDim) before the rotation, float32.
  ///   - values: like keys; `nil` where only attention rows are wanted.
  ///   - scratch: for each worker (panel width, headDim) floats.
  func append(
    layer: Int, rows: ActiveRows, keys: Rows, values: Rows?, pool: WorkerPool,
    scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
  ) {
    if mode == .transient, presentLayer != layer {
      for slab in slabs { slab.clear() }
      presentLayer = layer
    }
    struct Piece {
      let slab: KVSlab
      let kvHead: Int
      /// The first row and slot, and how many.
      let row: Int
      let slot: Int
      let count: Int
      let position: Int
    }
    var pieces: [Piece] = []
    let width = kernels.panelWidth
    for span in rows.spans {
      guard let first = span.positions.first else { continue }
      for kvHead in 0..<spec.kvHeadCount {
        let slab = slab(layer: layer, sequence: span.sequence, kvHead: kvHead)
        let start = slab.count
        slab.extend(by: span.positions.count, expected: length ?? 0)
        // Pieces end with a panel, so that no two of them write to the same one.
        var done = 0
        while done < span.positions.count {
          let room = width * Self.panelsPerPiece - (start + done) % width
          let count = min(room, span.positions.count - done)
          pieces.append(
            Piece(
              slab: slab, kvHead: kvHead, row: span.firstRow + done, slot: start + done,
              count: count, position: first + done))
          done += count
        }
      }
    }
    let rotary = rotaries[spec.layers[layer]]
    let headDim = spec.headDim
    let table = kernels.table
    pool.run(pieces.count) { index, worker in
      let piece = pieces[index]
      let slab = piece.slab
      let column = piece.kvHead * headDim
      let source = keys.from(column: column).from(row: piece.row)
        .assumingMemoryBound(to: Float.self)
      for offset in 0..<piece.count {
        slab.positions[piece.slot + offset] = UInt32(truncatingIfNeeded: piece.position + offset)
      }
      measure(source, keys.layout.stride, piece.count, rotary, into: slab.norms + piece.slot)
      var done = 0
      while done < piece.count {
        let slot = piece.slot + done
        let count = min(width - slot % width, piece.count - done)
        table.pointee.pack_keys(
          source + done * keys.layout.stride, keys.layout.stride, count, headDim,
          rotary.dimension, rotary.cosines(from: piece.position + done),
          rotary.sines(from: piece.position + done), slab.keyPanel(of: slot), slot % width,
          scratch(worker), number)
        done += count
      }
      if let values {
        table.pointee.pack_values(
          values.from(column: column).from(row: piece.row).assumingMemoryBound(to: Float.self),
          values.layout.stride, piece.slot, piece.count, headDim, slab.capacity,
          slab.valuePanels, number)
      }
    }
  }

  /// Norms that rotated keys will have: the rotation keeps lengths but for its own factor.
  private func measure(
    _ keys: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ rotary: RotaryTable,
    into norms: UnsafeMutablePointer<Double>
  ) {
    let table = kernels.table.pointee
    guard rotary.attentionFactor != 1 else {
      table.norms(keys, stride, count, spec.headDim, norms)
      return
    }
    table.norms(keys, stride, count, rotary.dimension, norms)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { rest in
      table.norms(
        keys + rotary.dimension, stride, count, spec.headDim - rotary.dimension, rest.baseAddress)
      for index in 0..<count {
        let rotated = norms[index] * rotary.attentionFactor
        norms[index] =
          rest[index] == 0
          ? rotated : (rotated * rotated + rest[index] * rest[index]).squareRoot()
      }
    }
  }
}
