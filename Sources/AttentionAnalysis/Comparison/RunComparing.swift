import Results

extension RunComparison {
  /// Two results side by side, as far as their shapes allow.
  public init(_ first: AnalysisResult, _ second: AnalysisResult, tool: String) {
    let isPaired = Self.readTheSame(first, second)
    func difference(_ a: PlaceSums, _ b: PlaceSums, layer: Int?) -> Difference {
      let (errorA, errorB) = (a.ratioError, b.ratioError)
      var error: Double?
      if isPaired {
        error = a.pairedError(b)
      } else if let errorA, let errorB {
        error = (errorA * errorA + errorB * errorB).squareRoot()
      }
      var change: Double?
      if let own = a.ratio, let other = b.ratio { change = other - own }
      return Difference(
        layer: layer, first: a.ratio, firstSE: errorA, second: b.ratio, secondSE: errorB,
        difference: change, differenceSE: change == nil ? nil : error)
    }
    let (own, other) = (first.model, second.model)
    let hasLayers = own.layers == other.layers
    self.init(
      tool: tool, first: Side(first), second: Side(second), isPaired: isPaired,
      overall: difference(
        PlaceSums(first, layers: 0..<own.layers), PlaceSums(second, layers: 0..<other.layers),
        layer: nil),
      layers: hasLayers
        ? (0..<own.layers).map { layer in
          difference(
            PlaceSums(first, layers: layer..<layer + 1),
            PlaceSums(second, layers: layer..<layer + 1), layer: layer)
        } : [],
      headsSpearman: hasLayers && own.heads == other.heads
        ? Self.spearman(first.heads.map(\.measures), second.heads.map(\.measures)) : nil,
      kvHeadsSpearman: hasLayers && own.kvHeads == other.kvHeads
        ? Self.spearman(first.kvHeads.map(\.measures), second.kvHeads.map(\.measures)) : nil,
      limits: Self.limits(first, second))
  }

  /// Whether both read the same ids in the same chunks.
  private static func readTheSame(_ a: AnalysisResult, _ b: AnalysisResult) -> Bool {
    a.corpus.fingerprint == b.corpus.fingerprint && a.corpus.chunks == b.corpus.chunks
      && a.corpus.chunkLength == b.corpus.chunkLength && a.corpus.bos == b.corpus.bos
      && a.arrays[.chunkIndex] == b.arrays[.chunkIndex]
  }

  /// Over the heads that have a ratio in both.
  private static func spearman(_ a: [Measures], _ b: [Measures]) -> Double? {
    var (own, others): ([Double], [Double]) = ([], [])
    for (first, second) in zip(a, b) {
      if let first = first.alrRatio, let second = second.alrRatio {
        own.append(first)
        others.append(second)
      }
    }
    func ranks(_ values: [Double]) -> CentredRanks {
      values.withUnsafeBufferPointer { scores in
        DropOrder(scores: scores).positions.withUnsafeBufferPointer {
          CentredRanks(scores: scores, dropOrder: $0)
        }
      }
    }
    let (first, second) = (ranks(own), ranks(others))
    let products = zip(first.values, second.values).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    return Statistics.defined(
      products / (first.sumOfSquares * second.sumOfSquares).squareRoot())
  }

  private static func limits(_ first: AnalysisResult, _ second: AnalysisResult) -> [Limit] {
    let (a, b) = (first.model, second.model)
    var limits: [Limit] = []
    if a.layers != b.layers {
      limits.append(.layers(a.layers, b.layers))
    } else {
      if a.heads != b.heads { limits.append(.heads(a.heads, b.heads)) }
      if a.kvHeads != b.kvHeads { limits.append(.kvHeads(a.kvHeads, b.kvHeads)) }
    }
    func add(_ name: String, _ fact: (AnalysisResult) -> String) {
      let (own, other) = (fact(first), fact(second))
      if own != other { limits.append(.fact(name: name, first: own, second: other)) }
    }
    add("chunk length") { "\($0.corpus.chunkLength)" }
    add("query") { $0.protocolSummary.query }
    add("score") { $0.protocolSummary.score }
    return limits
  }
}
