import Results

/// How large a capture becomes, known before the pass.
public struct CaptureSize: Sendable, Equatable {
  /// Bytes that a capture may take where nobody says.
  public static let usualLimit = 1 << 30

  public var layers: Int
  public var heads: Int
  public var kvHeads: Int
  public var headDim: Int
  /// Tokens of the prompt.
  public var tokens: Int
  public var parts: Set<CapturePart>
  /// Scores above it are stored one by one; `nil` for whole maps.
  public var threshold: Double?

  public init(
    layers: Int, heads: Int, kvHeads: Int, headDim: Int, tokens: Int, parts: Set<CapturePart>,
    threshold: Double?
  ) {
    self.layers = layers
    self.heads = heads
    self.kvHeads = kvHeads
    self.headDim = headDim
    self.tokens = tokens
    self.parts = parts
    self.threshold = threshold
  }

  /// Scores that a row can have above the threshold: together they are at most 1.
  public var mostEntriesPerRow: Int {
    guard let threshold, threshold > 0 else { return tokens }
    // Rounded scores may add up to slightly more than 1.
    return min(tokens, Int(min(1.001 / threshold, 1e15)))
  }

  /// Bytes of all arrays, at most where a threshold is set; `nil` where they overflow.
  public var bytes: Int? {
    func product(_ factors: Int...) -> Int? {
      factors.reduce(1) { (product: Int?, factor) in
        product.flatMap {
          let (next, overflow) = $0.multipliedReportingOverflow(by: factor)
          return overflow ? nil : next
        }
      }
    }
    let perPart = parts.map { part in
      switch part {
      case .attention:
        threshold == nil
          ? product(layers, heads, tokens, tokens, 4)
          : product(layers, heads, tokens, mostEntriesPerRow + 1, 8)
      case .keyNorms: product(layers, kvHeads, tokens, 8)
      case .keys, .values, .rotatedKeys: product(layers, kvHeads, tokens, headDim, 4)
      case .rotatedQueries: product(layers, heads, tokens, headDim, 4)
      }
    }
    return perPart.reduce(0) { (sum: Int?, part: Int?) in
      guard let sum, let part else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(part)
      return overflow ? nil : next
    }
  }
}
