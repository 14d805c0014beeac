/// When a cache is pruned, how much of each KV head stays, and which.
///
/// Nothing happens to a head while it holds fewer positions than `pruneAfter`; then `⌈ratio · held⌉`
/// of them stay, or exactly as many as a strict budget says (the paper's released code).
public struct CompressionRule: Sendable {
  /// Positions by which the next token is rotated.
  public enum Positions: String, Sendable, CaseIterable {
    /// Those of the text: each key keeps the rotation that it was given.
    case `true`
    /// The next one after those that layer 0 holds, as the authors' code and library have it.
    case cacheLength = "cache-length"
  }

  /// How much of a head stays.
  public enum Budget: Sendable, Equatable {
    /// A share of what is held, by layer and KV head; 1 where nothing is dropped.
    case ratios([[Double]])
    /// So many positions of each head, but for the skipped layers.
    case exactly(Int, skippedLayers: Set<Int>)
    /// So many positions by layer and KV head.
    case counts([[Int]])
  }

  public let policy: any Policy
  public let budget: Budget
  /// Positions that a head holds when it is first pruned.
  public let pruneAfter: Int
  public let positions: Positions
  /// Whether a text's cache is pruned a single time, when `pruneAfter` tokens are read, and only
  /// grows from then on.
  public let isOnce: Bool

  public init(
    policy: any Policy, budget: Budget, pruneAfter: Int = 0, positions: Positions = .true,
    isOnce: Bool = false
  ) {
    self.policy = policy
    self.budget = budget
    self.pruneAfter = pruneAfter
    self.positions = positions
    self.isOnce = isOnce
  }

  /// A cache that keeps everything.
  public static func none(policy: any Policy = KeepLow(PolicyOptions())) -> CompressionRule {
    CompressionRule(policy: policy, budget: .ratios([]))
  }

  /// Positions that stay of so many that a head holds.
  public func keptCount(of count: Int, layer: Int, kvHead: Int) -> Int {
    switch budget {
    case .ratios(let ratios):
      guard ratios.indices.contains(layer), ratios[layer].indices.contains(kvHead),
        count >= pruneAfter, ratios[layer][kvHead] < 1
      else { return count }
      // In doubles, as NumPy and Python have it.
      return min(count, Int((ratios[layer][kvHead] * Double(count)).rounded(.up)))
    case .exactly(let budget, let skipped):
      return skipped.contains(layer) || count < pruneAfter ? count : min(count, budget)
    case .counts(let counts):
      return count < pruneAfter ? count : min(count, counts[layer][kvHead])
    }
  }

  /// The rule that keeps as many positions of each head as this one left of a prompt of so many;
  /// this one itself where it left the prompt alone.
  func frozen(promptLength: Int, layers: Int, kvHeads: Int) -> CompressionRule {
    guard promptLength >= pruneAfter else { return self }
    let counts = (0..<layers).map { layer in
      (0..<kvHeads).map { kvHead in
        let kept = keptCount(of: promptLength, layer: layer, kvHead: kvHead)
        return kept < promptLength ? kept : .max
      }
    }
    return CompressionRule(policy: policy, budget: .counts(counts), positions: positions)
  }

  /// Tokens until a head that holds `count` positions is next pruned; `nil` if never.
  public func tokensUntilPruning(from count: Int, layer: Int, kvHead: Int, limit: Int) -> Int? {
    let first = max(1, pruneAfter - count)
    guard first <= limit else { return nil }
    return (first...limit).first {
      keptCount(of: count + $0, layer: layer, kvHead: kvHead) < count + $0
    }
  }
}

extension CompressionRule.Budget {
  /// One share for all layers but some.
  public static func ratio(
    _ ratio: Double, layers: Int, kvHeads: Int, skippedLayers: Set<Int>
  ) -> Self {
    .ratios(
      (0..<layers).map { layer in
        [Double](repeating: skippedLayers.contains(layer) ? 1 : ratio, count: kvHeads)
      })
  }
}
