/// Fig. 7 of the paper: what attention becomes when the peak dimensions of low-norm keys in the
/// cache are set to zero, and what when as many other dimensions are.
///
/// From query `step` on, the keys of the positions before it are changed as a cache would hold
/// them: after the rotation. Rows before it stay. Each layer is changed by itself, with the
/// queries of the unchanged pass, so its rows are exact; what the change would do to later layers
/// is left out.
public struct PeakDimensions: Sendable, Equatable {
  /// The choices that the paper leaves open.
  public struct Options: Sendable, Equatable {
    /// The first query that meets changed keys; `nil` for the middle of the prompt.
    public var step: Int?
    /// Dimensions set to zero in each key; `nil` for one in 32.
    public var dimensions: Int?
    /// Seed of the random dimensions.
    public var seed: UInt64

    public init(step: Int? = nil, dimensions: Int? = nil, seed: UInt64 = 0) {
      self.step = step
      self.dimensions = dimensions
      self.seed = seed
    }
  }

  /// The first query that meets changed keys.
  public let step: Int
  /// Dimensions set to zero in each changed key.
  public let dimensions: Int
  /// Positions of the changed keys, ascending: the tenth of those before `step` that has the
  /// lowest key norms, at least one.
  public let changed: [Int]
  /// (queries, query + 1) scores of unchanged keys
  public let before: [[Float]]
  /// With the largest dimensions of each changed key at zero.
  public let withoutPeaks: [[Float]]
  /// With as many of the other dimensions at zero, drawn for each key by `seed`.
  public let withoutRandom: [[Float]]

  /// Index among the capture's layers.
  public let layer: Int
  /// Index among its heads.
  public let head: Int

  public init(
    layer: Int, head: Int, step: Int, dimensions: Int, changed: [Int], before: [[Float]],
    withoutPeaks: [[Float]], withoutRandom: [[Float]]
  ) {
    self.layer = layer
    self.head = head
    self.step = step
    self.dimensions = dimensions
    self.changed = changed
    self.before = before
    self.withoutPeaks = withoutPeaks
    self.withoutRandom = withoutRandom
  }

  /// Half the sum of absolute differences of a row, as a mean over the rows from `step` on: the
  /// share of attention that moves.
  public func moved(to rows: [[Float]]) -> Double {
    var sum = 0.0
    for query in step..<before.count {
      for (a, b) in zip(before[query], rows[query]) { sum += Double((a - b).magnitude) / 2 }
    }
    return sum / Double(before.count - step)
  }
}
