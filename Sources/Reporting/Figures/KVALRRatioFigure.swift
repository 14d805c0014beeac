import Results

/// ALR as a share of what dropping at random would give, for every KV head of every layer.
public enum KVALRRatioFigure: Figure {
  public static let name = "kv-alr-ratio"
  public static let summary = "ALR as a share of random dropping by layer and KV head"

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let grid = HeadGrid.ofKVHeads(result, value: \.alrRatio)
    return HeatmapPlot(
      header: FigureHeader(
        title: "ALR ratio by layer and KV head", captionParts: ResultCaption.parts(result)),
      summary: HeatmapSummary.text(of: grid, quantity: "ALR ratio", column: "KV head"),
      grid: grid, domain: ALRRatioFigure.domain(of: grid.range),
      colorMap: options.colorMap ?? .diverging, barLabel: "ALR ratio (0 ideal, 1 chance)",
      landmark: 1, advice: result.recommendation.layers, cellFormat: .fixed(2),
      columns: .kvHeads
    ).scene()
  }
}
