import Results

extension ScoreComparison {
  /// What several scores gave in one run.
  ///
  /// - Parameter results: one for each score, of the same model, corpus and protocol; at least one.
  public init?(_ results: [AnalysisResult]) {
    guard let first = results.first else { return nil }
    let model = first.model
    self.init(
      tool: first.tool, model: model, corpus: first.corpus,
      protocolSummary: first.protocolSummary, scores: results.map(\.protocolSummary.score),
      overall: Self.place(results.map { PlaceSums($0, layers: 0..<model.layers) }),
      layers: (0..<model.layers).map { layer in
        Self.place(results.map { PlaceSums($0, layers: layer..<layer + 1) }, layer: layer)
      },
      kvHeads: (0..<model.layers).flatMap { layer in
        (0..<model.kvHeads).map { kvHead in
          Self.place(
            results.map { PlaceSums($0, layers: layer..<layer + 1, kvHead: kvHead) }, layer: layer,
            kvHead: kvHead)
        }
      })
  }

  private static func place(
    _ sums: [PlaceSums], layer: Int? = nil, kvHead: Int? = nil
  ) -> ComparedPlace {
    var rows = sums.map(\.row)
    let ratios = rows.compactMap(\.alrRatio)
    for index in rows.indices {
      if let ratio = rows[index].alrRatio {
        rows[index].rank = 1 + ratios.count { $0 < ratio }
      }
    }
    let order = rows.indices.filter { rows[$0].alrRatio != nil }
      .sorted { (rows[$0].rank ?? 0, $0) < (rows[$1].rank ?? 0, $1) }
    return ComparedPlace(
      layer: layer, kvHead: kvHead, rows: rows, best: best(order, rows, sums))
  }

  private static func best(
    _ order: [Int], _ rows: [ComparedScore], _ sums: [PlaceSums]
  ) -> BestScore? {
    guard let best = order.first, let ratio = rows[best].alrRatio else { return nil }
    guard let next = order.dropFirst().first, let other = rows[next].alrRatio else {
      return BestScore(score: best)
    }
    let margin = other - ratio
    let error = sums[best].pairedError(sums[next])
    let reach = error.map { $0 * StudentT.reach(degrees: max(1, sums[best].alr.count - 1)) }
    return BestScore(
      score: best, runnerUp: next, margin: margin, marginSE: error,
      isClear: reach.map { margin > $0 })
  }
}
