import CKernels

/// The cached keys and values of one KV head of one sequence in one layer, packed for attention.
///
/// Slots hold positions in ascending order, with gaps where something was taken out.
final class KVSlab {
  let headDim: Int
  private let kernels: Kernels
  private let number: alr_number
  /// Cached positions.
  private(set) var count = 0
  /// Slots that there is room for, whole panels.
  private(set) var capacity = 0
  /// Whether positions were dropped since it was last empty.
  private(set) var isPruned = false
  private var positionBuffer = Buffer(bytes: 0)
  private var normBuffer = Buffer(bytes: 0)
  private var keyBuffer = Buffer(bytes: 0)
  private var valueBuffer = Buffer(bytes: 0)

  init(headDim: Int, kernels: Kernels, number: alr_number) {
    self.headDim = headDim
    self.kernels = kernels
    self.number = number
  }

  /// Bytes of a slab with room for `length` positions.
  static func byteCount(headDim: Int, kernels: Kernels, number: alr_number, length: Int) -> Int {
    let capacity = length.roundedUp(to: kernels.panelWidth)
    let elements = capacity * (headDim + headDim.roundedUp(to: kernels.panelWidth))
    return elements * number.byteCount
      + capacity * (MemoryLayout<Double>.stride + MemoryLayout<UInt32>.stride)
  }

  /// Bytes that it holds now.
  var byteCount: Int {
    capacity == 0
      ? 0
      : Self.byteCount(headDim: headDim, kernels: kernels, number: number, length: capacity)
  }

  /// Where each slot's key stood in its sequence, (count)
  var positions: UnsafeMutablePointer<UInt32> {
    positionBuffer.bytes.assumingMemoryBound(to: UInt32.self)
  }
  /// Norms of the keys before their rotation, (count)
  var norms: UnsafeMutablePointer<Double> {
    normBuffer.bytes.assumingMemoryBound(to: Double.self)
  }
  /// (key panel, headDim, panel width) in `number`, rotated
  var keyPanels: UnsafeMutableRawPointer { keyBuffer.bytes }
  /// (value panel, capacity, panel width) in `number`
  var valuePanels: UnsafeMutableRawPointer { valueBuffer.bytes }

  /// The panel that holds the key of `slot`.
  func keyPanel(of slot: Int) -> UnsafeMutableRawPointer {
    keyPanels + slot / kernels.panelWidth * kernels.panelWidth * headDim * number.byteCount
  }

  /// One element of a rotated key.
  func key(slot: Int, column: Int) -> Float {
    let width = kernels.panelWidth
    let lane = slot % width
    if number == ALR_NUMBER_BF16 {
      // A pair of dimensions is one element.
      return Self.widened(keyPanel(of: slot), (column / 2 * width + lane) * 2 + column % 2)
    }
    return keyPanel(of: slot).assumingMemoryBound(to: Float.self)[column * width + lane]
  }

  /// One element of a value.
  func value(slot: Int, column: Int) -> Float {
    let width = kernels.panelWidth
    let panel = column / width * capacity * width
    let lane = column % width
    if number == ALR_NUMBER_BF16 {
      // Two slots stand side by side.
      return Self.widened(valuePanels, panel + (slot / 2 * width + lane) * 2 + slot % 2)
    }
    return valuePanels.assumingMemoryBound(to: Float.self)[panel + slot * width + lane]
  }

  private static func widened(_ halves: UnsafeMutableRawPointer, _ index: Int) -> Float {
    Float(bitPattern: UInt32(halves.assumingMemoryBound(to: UInt16.self)[index]) << 16)
  }

  /// Forgets everything, and keeps the memory.
  func clear() {
    count = 0
    isPruned = false
  }

  /// Becomes a copy of another slab of the same kind.
  func copy(_ other: KVSlab) {
    precondition(headDim == other.headDim && number == other.number, "slabs of one kind")
    clear()
    let all = (0..<other.count).map(UInt32.init)
    move(all, of: other, capacity: other.count)
    count = other.count
  }

  /// Makes room for `added` more positions and counts them; their contents are the caller's to
  /// write.
  ///
  /// A slab that has to grow gets room for `expected` positions, or a quarter more than it had
  /// where that is too little.
  func extend(by added: Int, expected: Int) {
    let wanted = count + added
    if wanted > capacity {
      let grown = wanted <= expected ? expected : max(wanted, capacity + capacity / 4)
      move((0..<count).map(UInt32.init), capacity: grown)
    }
    count = wanted
  }

  /// Drops all slots but these, which ascend, and gives memory back: all but what `expected`
  /// positions need, and what a slab grows by.
  func keep(_ slots: [Int], expected: Int) {
    precondition(
      zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }
        && slots.allSatisfy { (0..<count).contains($0) }, "ascending slots that are there")
    let width = kernels.panelWidth
    let needed = max(slots.count, expected).roundedUp(to: width)
    let isWorthMoving = needed + needed / 4 + width < capacity
    move(slots.map(UInt32.init), capacity: isWorthMoving ? needed : capacity)
    count = slots.count
    isPruned = true
  }

  /// The first slot whose position is not below `position`.
  func firstSlot(from position: Int) -> Int {
    guard count > 0, position > Int(positions[0]) else { return 0 }
    let first = Int(positions[0])
    // Nothing was taken out: the slot follows from the position.
    if Int(positions[count - 1]) - first == count - 1 { return min(count, position - first) }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Int(positions[middle]) < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Takes these slots of another slab, or of its own, and makes the memory as large as wanted.
  private func move(_ slots: [UInt32], of source: KVSlab? = nil, capacity wanted: Int) {
    let width = kernels.panelWidth
    let target = wanted.roundedUp(to: width)
    let source = source ?? self
    let old = (source.keyBuffer, source.valueBuffer)
    let (oldPositions, oldNorms) = (source.positionBuffer, source.normBuffer)
    let oldCapacity = source.capacity
    if target != capacity {
      let columns = headDim.roundedUp(to: width)
      keyBuffer = Buffer(bytes: target * headDim * number.byteCount)
      valueBuffer = Buffer(bytes: target * columns * number.byteCount)
      positionBuffer = Buffer(bytes: target * MemoryLayout<UInt32>.stride)
      normBuffer = Buffer(bytes: target * MemoryLayout<Double>.stride)
      capacity = target
    }
    if slots.isEmpty { return }
    let isBF16: CInt = number == ALR_NUMBER_BF16 ? 1 : 0
    alr_keep_keys(
      old.0.bytes, keyBuffer.bytes, headDim, width, slots, slots.count, isBF16)
    alr_keep_values(
      old.1.bytes, oldCapacity, valueBuffer.bytes, capacity, headDim, width, slots, slots.count,
      isBF16)
    for (slot, source) in slots.enumerated() {
      positions[slot] = oldPositions.bytes.load(
        fromByteOffset: Int(source) * MemoryLayout<UInt32>.stride, as: UInt32.self)
      norms[slot] = oldNorms.bytes.load(
        fromByteOffset: Int(source) * MemoryLayout<Double>.stride, as: Double.self)
    }
  }
}
