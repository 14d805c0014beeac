/// The vectors of one head at ascending positions, where the pass or a cache keeps them.
public struct HeadVectors {
  private enum Storage {
    /// Before the rotation: where each vector begins.
    case rows([UnsafePointer<Float>])
    /// Rotated, packed for attention.
    case keys(KVSlab, canTakeBack: Bool)
    case values(KVSlab)
  }

  private let storage: Storage
  /// The vectors of the storage that are meant.
  private let range: Range<Int>
  private let positions: (_ index: Int) -> Int
  /// Elements of a vector.
  public let size: Int
  /// `nil` where nothing is rotated.
  private let rotary: RotaryTable?

  /// Vectors before their rotation, one beginning at each of `rows`.
  init(
    rows: [UnsafePointer<Float>], positions: [Int], size: Int, rotary: RotaryTable?
  ) {
    precondition(rows.count == positions.count, "one position for each row")
    storage = .rows(rows)
    range = positions.indices
    self.positions = { positions[$0] }
    self.size = size
    self.rotary = rotary
  }

  /// - Parameter canTakeBack: whether `rotary` is what every key was rotated by.
  init(cachedKeysOf slab: KVSlab, rotary: RotaryTable?, canTakeBack: Bool) {
    storage = .keys(slab, canTakeBack: canTakeBack)
    range = 0..<slab.count
    positions = { Int(slab.positions[$0]) }
    size = slab.headDim
    self.rotary = rotary
  }

  init(cachedValuesOf slab: KVSlab) {
    storage = .values(slab)
    range = 0..<slab.count
    positions = { Int(slab.positions[$0]) }
    size = slab.headDim
    rotary = nil
  }

  private init(_ vectors: HeadVectors, range: Range<Int>) {
    storage = vectors.storage
    self.range = range
    positions = vectors.positions
    size = vectors.size
    rotary = vectors.rotary
  }

  /// Vectors.
  public var count: Int { range.count }

  /// Where the vector at `index` stands in its sequence.
  public func position(of index: Int) -> Int { positions(range.lowerBound + index) }

  /// The vectors at positions up to `last`.
  func through(_ last: Int) -> HeadVectors {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if position(of: middle) <= last { low = middle + 1 } else { high = middle }
    }
    return vectors(0..<low)
  }

  /// The rotation of these vectors averaged over positions, also such as no vector stands at: the
  /// mean cosine and sine of each pair of dimensions that rotates, pair `i` being the dimensions
  /// `i` and `i + count of pairs`. Empty where nothing rotates.
  public func meanRotation(over positions: Range<Int>) -> (cosines: [Double], sines: [Double]) {
    rotary?.mean(over: positions) ?? ([], [])
  }

  /// Other vectors of the same head, copied before their rotation: one beginning at each of `rows`.
  func others(rows: [UnsafePointer<Float>], positions: [Int]) -> HeadVectors {
    HeadVectors(rows: rows, positions: positions, size: size, rotary: rotary)
  }

  /// Some of the vectors in a row.
  public func vectors(_ part: Range<Int>) -> HeadVectors {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "vectors that are there")
    return HeadVectors(
      self, range: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Copies the vectors as they are before the rotation, (count, size).
  ///
  /// Of a live cache's keys the rotation is taken back, which rounds. Where the rotation depends on
  /// the length of the text, the cache must have been made for one, or keys of earlier lengths
  /// could not be told from others.
  public func copy(to target: UnsafeMutableBufferPointer<Float>) {
    copyStored(to: target)
    guard case .keys(_, let canTakeBack) = storage else { return }
    precondition(canTakeBack, "a cache made for the length of its texts")
    rotate(target, forwards: false)
  }

  /// Copies the vectors as the rotation leaves them, (count, size).
  public func copyRotated(to target: UnsafeMutableBufferPointer<Float>) {
    copyStored(to: target)
    if case .rows = storage { rotate(target, forwards: true) }
  }

  private func copyStored(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == count * size, "room for every vector")
    guard let first = target.baseAddress else { return }
    for (row, index) in range.enumerated() {
      let vector = first + row * size
      switch storage {
      case .rows(let rows):
        for column in 0..<size { vector[column] = rows[index][column] }
      case .keys(let slab, _):
        for column in 0..<size { vector[column] = slab.key(slot: index, column: column) }
      case .values(let slab):
        for column in 0..<size { vector[column] = slab.value(slot: index, column: column) }
      }
    }
  }

  private func rotate(_ vectors: UnsafeMutableBufferPointer<Float>, forwards: Bool) {
    guard let rotary, let start = vectors.baseAddress else { return }
    let half = rotary.dimension / 2
    // Taken back, the rotation turns the other way, and what it scales by is divided out.
    let factor = Float(rotary.attentionFactor)
    let scale = forwards ? 1 : 1 / (factor * factor)
    for (row, index) in range.enumerated() {
      let position = positions(index)
      let cosines = rotary.cosines(from: position)
      let sines = rotary.sines(from: position)
      let vector = start + row * size
      for pair in 0..<half {
        let (first, second) = (vector[pair], vector[pair + half])
        let cosine = cosines[pair] * scale
        let sine = (forwards ? sines[pair] : -sines[pair]) * scale
        vector[pair] = first * cosine - second * sine
        vector[pair + half] = second * cosine + first * sine
      }
    }
  }
}
