import Results

/// ALR of every KV head: what a cache loses, which drops a position for a whole KV head.
public enum KVALRFigure: Figure {
  public static let name = "kv-alr"
  public static let summary = "ALR of every layer and KV head"

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let grid = HeadGrid.ofKVHeads(result, value: \.alr)
    return HeatmapPlot(
      header: FigureHeader(
        title: "ALR by layer and KV head",
        captionParts: ResultCaption.parts(result) + ["lower is better"]),
      summary: HeatmapSummary.text(of: grid, quantity: "ALR", column: "KV head"),
      grid: grid, domain: ALRFigure.domain(of: grid.range),
      colorMap: options.colorMap ?? .viridis, barLabel: "ALR (attention loss × positions)",
      landmark: nil, advice: result.recommendation.layers,
      cellFormat: NumberFormat(for: grid.values.compactMap { $0 }), columns: .kvHeads
    ).scene()
  }
}
