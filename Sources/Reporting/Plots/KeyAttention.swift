import Results

/// Key norm and attention of every position of one head, as means over chunks.
struct KeyAttention {
  /// x: key norm; y: log10 of the attention score. Attention below the plotted range, none at all
  /// included, lies at its lower end.
  var points: [Point]
  var xRange: ClosedRange<Double>
  var yRange: ClosedRange<Double>
  /// Mean over chunks of the rank correlation within a chunk.
  var spearman: Double?

  /// Decades of attention that are shown.
  private static let decades = 8.0

  /// `nil` where the arrays are of another shape or no position has both values.
  init?(_ head: HeadIndex, in result: AnalysisResult) {
    let (norms, attention) = (result.arrays[.keyNormMean], result.arrays[.attentionMean])
    guard let row = result.heads.first(where: { $0.layer == head.layer && $0.head == head.head }),
      norms.shape.count == 3, attention.shape.count == 3, norms.shape[2] == attention.shape[2],
      (0..<min(norms.shape[0], attention.shape[0])).contains(head.layer),
      (0..<norms.shape[1]).contains(row.kvHead), (0..<attention.shape[1]).contains(head.head)
    else { return nil }
    let count = norms.shape[2]
    let normStart = (head.layer * norms.shape[1] + row.kvHead) * count
    let attentionStart = (head.layer * attention.shape[1] + head.head) * count
    let pairs = (0..<count).compactMap { position -> (norm: Double, attention: Double)? in
      let pair = (norms.values[normStart + position], attention.values[attentionStart + position])
      return pair.0.isFinite && pair.1.isFinite && pair.1 >= 0 ? pair : nil
    }
    let logarithms = pairs.compactMap { Logarithm.base10($0.attention) }
    guard let least = logarithms.min(), let greatest = logarithms.max(),
      let leftmost = pairs.map(\.norm).min(), let rightmost = pairs.map(\.norm).max()
    else { return nil }
    let floor = max(least, greatest - Self.decades)
    points = pairs.map {
      Point($0.norm, max(Logarithm.base10($0.attention) ?? floor, floor))
    }
    xRange = Self.widened(leftmost...rightmost)
    yRange = Self.widened(floor...greatest)
    spearman = row.measures.spearman.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The ranges without the outer hundredth of the positions at either end, for panels too small
  /// to spare room for a sink.
  var innerRanges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    func inner(_ values: [Double], of whole: ClosedRange<Double>) -> ClosedRange<Double> {
      let sorted = values.sorted()
      let cut = (sorted.count + 50) / 100
      guard sorted.count > 2 * cut else { return whole }
      return Self.widened(sorted[cut]...sorted[sorted.count - 1 - cut])
    }
    return (inner(points.map(\.x), of: xRange), inner(points.map(\.y), of: yRange))
  }

  /// A little air around the points, and an extent where all are alike.
  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let extent = range.upperBound - range.lowerBound
    let air = extent > 0 ? extent * 0.04 : max(range.upperBound.magnitude * 0.05, 0.5)
    return (range.lowerBound - air)...(range.upperBound + air)
  }
}
