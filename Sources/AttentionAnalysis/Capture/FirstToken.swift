import Results

/// Whether the first token of a prompt has the lowest key norms and draws the most attention, for
/// one captured layer.
public struct FirstToken: Sendable, Equatable {
  public var layer: Int
  /// KV heads in which no other token's norm is as low; `nil` without norms.
  public var lowestNorms: Int?
  /// Captured KV heads.
  public var kvHeads: Int
  /// Its norm over the median norm of all tokens, as a mean over KV heads.
  public var relativeNorm: Double?
  /// Heads in which no other token draws as much attention; `nil` without attention.
  public var mostAttended: Int?
  /// Captured query heads.
  public var heads: Int
  /// What it draws of the later queries' attention, as a mean over queries and heads.
  public var attention: Double?

  /// One for each captured layer; empty for a prompt of one token.
  public static func layers(of capture: PromptCapture) -> [FirstToken] {
    guard capture.tokens.count > 1 else { return [] }
    return capture.layers.indices.map { FirstToken(capture, layer: $0) }
  }

  private init(_ capture: PromptCapture, layer: Int) {
    self.layer = capture.layers[layer].layer
    kvHeads = capture.kvHeads.count
    heads = capture.heads.count
    let n = capture.tokens.count
    if let array = capture.arrays.keyNorms {
      var lowest = 0
      var ratio = 0.0
      for kvHead in 0..<kvHeads {
        let first = (layer * kvHeads + kvHead) * n
        let norms = array.values[first..<first + n]
        if norms.dropFirst().allSatisfy({ $0 > norms[first] }) { lowest += 1 }
        let median = Statistics.median(Array(norms)) ?? 0
        ratio += median > 0 ? norms[first] / median : 1
      }
      lowestNorms = lowest
      relativeNorm = ratio / Double(kvHeads)
    }
    guard capture.arrays.attention != nil else { return }
    var most = 0
    var sum = 0.0
    for head in 0..<heads {
      let drawn = Self.drawn(capture, layer: layer, head: head)
      if drawn.dropFirst().allSatisfy({ $0 < drawn[0] }) { most += 1 }
      sum += drawn[0]
    }
    mostAttended = most
    attention = sum / Double(heads)
  }

  /// What each position but the last draws of the queries behind it that see it, (n − 1) means.
  private static func drawn(_ capture: PromptCapture, layer: Int, head: Int) -> [Double] {
    let n = capture.tokens.count
    var sums = [Double](repeating: 0, count: n - 1)
    var counts = [Int](repeating: 0, count: n - 1)
    for query in 1..<n {
      guard let row = capture.attentionRow(layer: layer, head: head, query: query) else { continue }
      let first = capture.layers[layer].window.map { max(0, query + 1 - $0) } ?? 0
      for position in first..<max(first, query) {
        sums[position] += Double(row[position])
        counts[position] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
  }
}
