import Foundation
import ModelFiles
import Results

extension PeakDimensions {
  /// - Parameters:
  ///   - layer: index among the capture's layers.
  ///   - head: index among its heads.
  /// - Returns: `nil` where rotated keys, rotated queries or norms were not captured, or where the
  ///   prompt has no query at `step` with a position before it.
  public init?(
    _ capture: PromptCapture, layer: Int, head: Int, options: Options = Options()
  ) {
    let n = capture.tokens.count
    let size = capture.model.headDim
    let step = options.step ?? n / 2
    let dimensions = min(options.dimensions ?? max(1, size / 32), size / 2)
    guard let norms = capture.keyNorms(layer: layer, head: head),
      let rotatedKeys = capture.arrays.rotatedKeys,
      let rotatedQueries = capture.arrays.rotatedQueries, (1..<max(n, 1)).contains(step),
      dimensions >= 1
    else { return nil }
    let changed = (0..<step).sorted { (norms[$0], $0) < (norms[$1], $1) }.prefix((step + 9) / 10)
      .sorted()

    let keys = rotatedKeys.values[capture.rows(layer: layer, head: head, of: size)].map(Double.init)
    let firstQuery = (layer * capture.heads.count + head) * n * size
    let queries = rotatedQueries.values[firstQuery..<firstQuery + n * size].map(Double.init)
    var withoutPeaks = keys
    var withoutRandom = keys
    var generator = SplitMix64(seed: options.seed)
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
    self.init(
      layer: layer, head: head, step: step, dimensions: dimensions, changed: changed,
      before: before, withoutPeaks: changedRows(withoutPeaks),
      withoutRandom: changedRows(withoutRandom))
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
