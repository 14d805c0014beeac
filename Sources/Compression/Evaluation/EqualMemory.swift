import Inference

/// Ways to keep as many positions of a prompt as a plan does, but spread otherwise: what a plan has
/// to be compared with.
///
/// Layers whose attention slides over a window are fixed memory and do not count, unless the plan
/// compresses one of them; what does not count is left alone by every way.
public struct EqualMemory: Sendable {
  /// One number of positions for every head of the layers that are not left alone.
  public struct Even: Sendable, Equatable {
    /// Layers that keep everything, those that do not count among them.
    public let skippedLayers: Set<Int>
    /// Positions of a head that stay.
    public let count: Int
    /// A share that comes to `count`, with as few decimals as will do.
    public let keepRatio: Double
  }

  /// Shares that stay by the plan, (layers, kv_heads).
  public let keepRatios: [[Double]]
  /// Positions of a head when it is compressed.
  public let promptLength: Int
  /// Layers that count.
  public let countedLayers: [Int]

  /// - Parameters:
  ///   - keepRatios: of the plan, (layers, kv_heads) of `spec`.
  ///   - promptLength: positions of a head when it is compressed, at least one.
  public init(keepRatios: [[Double]], spec: ArchitectureSpec, promptLength: Int) {
    precondition(keepRatios.count == spec.layerCount && promptLength >= 1, "a plan of the model")
    self.keepRatios = keepRatios
    self.promptLength = promptLength
    let slides = spec.layers.map { $0.window != nil }
    let compressesSliding = keepRatios.indices.contains { layer in
      slides[layer] && keepRatios[layer].contains { $0 < 1 }
    }
    countedLayers = keepRatios.indices.filter { compressesSliding || !slides[$0] }
  }

  private func kept(_ ratio: Double) -> Int {
    ratio < 1 ? min(promptLength, Int((ratio * Double(promptLength)).rounded(.up))) : promptLength
  }

  private func heads(_ layers: some Sequence<Int>) -> Int {
    layers.reduce(0) { $0 + keepRatios[$1].count }
  }

  /// The share of the positions of the layers that count that shares by layer and head keep, 0…1.
  public func keptShare(of ratios: [[Double]]) -> Double {
    // Where no layer counts nothing is dropped that does.
    guard !countedLayers.isEmpty else { return 1 }
    let count = countedLayers.reduce(0) { $0 + ratios[$1].reduce(0) { $0 + kept($1) } }
    return Double(count) / Double(max(1, heads(countedLayers) * promptLength))
  }

  /// The share that the plan keeps.
  public var keptShare: Double { keptShare(of: keepRatios) }

  /// The same number of positions for every head but those of some layers, so that the total comes
  /// as near to the plan's as counts allow.
  ///
  /// - Returns: `nil` where the skipped layers alone hold so much that nothing is left for the
  ///   others, or where there are no others.
  public func even(skipping layers: Set<Int>) -> Even? {
    let fixed = Set(keepRatios.indices).subtracting(countedLayers)
    let skipped = layers.intersection(keepRatios.indices).union(fixed)
    let others = heads(countedLayers.filter { !skipped.contains($0) })
    guard others > 0 else { return nil }
    let total = countedLayers.reduce(0) { $0 + keepRatios[$1].reduce(0) { $0 + kept($1) } }
    let left = total - heads(countedLayers.filter(skipped.contains)) * promptLength
    let count = min(promptLength, Int((Double(left) / Double(others)).rounded()))
    guard count >= 1 else { return nil }
    return Even(skippedLayers: skipped, count: count, keepRatio: ratio(keeping: count))
  }

  /// The shares by layer and head that it means.
  public func keepRatios(of even: Even) -> [[Double]] {
    keepRatios.indices.map { layer in
      [Double](
        repeating: even.skippedLayers.contains(layer) ? 1 : even.keepRatio,
        count: keepRatios[layer].count)
    }
  }

  private func ratio(keeping count: Int) -> Double {
    let exact = Double(count) / Double(promptLength)
    var scale = 10.0
    while scale < 1e9 {
      let ratio = (exact * scale).rounded(.down) / scale
      if kept(ratio) == count { return ratio }
      scale *= 10
    }
    return (Double(count) - 0.5) / Double(promptLength)
  }
}
