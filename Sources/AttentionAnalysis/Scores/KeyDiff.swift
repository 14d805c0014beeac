import Inference

/// Keys that differ from the others stay: the score is minus the cosine of the angle between a key
/// and the mean direction of all cached keys (KeyDiff: Park et al., 2025, arXiv 2504.15364).
///
/// Keys are taken after their rotation, as a cache holds them; the mean is of their directions,
/// each key divided by its norm. A key of no length has the cosine 0.
public struct KeyDiff: EvictionScore {
  public let name = "key-diff"
  public let summary = "the keys least like the mean key"
  public let needs: RecordRequest.Parts = .keys
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let keys = HeadRows(view.keys, count: view.count, isRotated: true)
    var mean = [Double](repeating: 0, count: keys.size)
    // The norms, until the cosines take their place.
    for slot in 0..<view.count {
      let norm = keys.squaredNorm(slot).squareRoot()
      scores[slot] = norm
      if norm > 0 { keys.add(slot, times: 1 / norm, to: &mean) }
    }
    let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for slot in 0..<view.count {
      let product = scores[slot] * length
      scores[slot] = product > 0 ? -keys.dot(slot, mean) / product : 0
    }
  }
}
