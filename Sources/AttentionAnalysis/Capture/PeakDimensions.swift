import Foundation
import ModelFiles

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

  /// - Parameters:
  ///   - layer: index among the capture's layers.
  ///   - head: index among its heads.
  /// - Returns: `nil` where rotated keys, rotated queries or norms were not captured, or where the
  ///   prompt has no query at `step` with a position before it.
  public init?(_ capture: PromptCapture, layer: Int, head: Int, options: Options = Options()) {
    let n = capture.tokens.count
    let size = capture.model.headDim
    let step = options.step ?? n / 2
    let dimensions = min(options.dimensions ?? max(1, size / 32), size / 2)
    guard let norms = capture.keyNorms(layer: layer, head: head),
      let rotatedKeys = capture.arrays.rotatedKeys,
      let rotatedQueries = capture.arrays.rotatedQueries, (1..<max(n, 1)).contains(step),
      dimensions >= 1
    else { return nil }
    self.step = step
    self.dimensions = dimensions
    let lowest = (0..<step).sorted { (norms[$0], $0) < (norms[$1], $1) }.prefix((step + 9) / 10)
    changed = lowest.sorted()

    let keys = rotatedKeys.values[capture.rows(layer: layer, head: head, of: size)].map(Double.init)
    let firstQuery = (layer * capture.heads.count + head) * n * size
    let queries = rotatedQueries.values[firstQuery..<firstQuery + n * size].map(Double.init)
    var withoutPeaks = keys
    var withoutRandom = keys
    var generator = SplitMix64(state: options.seed)
    for position in changed {
      let first = position * size
      let byMagnitude = (0..<size).sorted {
        let (a, b) = (keys[first + $0].magnitude, keys[first + $1].magnitude)
        return a == b ? $0 < $1 : a > b
      }
      for dimension in byMagnitude.prefix(dimensions) { withoutPeaks[first + dimension] = 0 }
      let others = byMagnitude.dropFirst(dimensions).shuffled(using: &generator)
      for dimension in others.prefix(dimensions) { withoutRandom[first + dimension] = 0 }
    }

    let rows = AttentionRows(
      queries: queries, keys: keys, size: size, scale: capture.attentionScale,
      softCap: capture.attentionSoftCap, window: capture.layers[layer].window)
    let before = (0..<n).map { rows.row($0) }
    func changedRows(_ cache: [Double]) -> [[Float]] {
      (0..<n).map { $0 < step ? before[$0] : rows.row($0, cache: cache, below: step) }
    }
    self.before = before
    self.withoutPeaks = changedRows(withoutPeaks)
    self.withoutRandom = changedRows(withoutRandom)
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

/// Attention rows from queries and keys, in float64.
private struct AttentionRows {
  let queries: [Double]
  let keys: [Double]
  let size: Int
  let scale: Double
  let softCap: Double?
  let window: Int?

  /// Softmax over the positions that `query` sees of scale · q · k, bounded where there is a soft
  /// cap; keys below position `end` are those of `cache`.
  func row(_ query: Int, cache: [Double] = [], below end: Int = 0) -> [Float] {
    let first = window.map { max(0, query + 1 - $0) } ?? 0
    var scores = (first...query).map { position in
      let keys = position < end ? cache : keys
      var product = 0.0
      for i in 0..<size { product += queries[query * size + i] * keys[position * size + i] }
      product *= scale
      return softCap.map { tanh(product / $0) * $0 } ?? product
    }
    let top = scores.max() ?? 0
    scores = scores.map { exp($0 - top) }
    let sum = scores.reduce(0, +)
    return [Float](repeating: 0, count: first) + scores.map { Float($0 / sum) }
  }
}

/// Steele, Lea and Flood's generator of 64 bits: equal on every machine.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }
}
