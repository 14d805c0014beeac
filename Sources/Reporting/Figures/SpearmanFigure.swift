import Results

/// Rank correlation of key norm and attention, for every head of every layer.
public enum SpearmanFigure: Figure {
  public static let name = "spearman"
  public static let summary = "rank correlation of key norm and attention by layer and head"

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let grid = HeadGrid(result, value: \.spearman)
    return HeatmapPlot(
      header: FigureHeader(
        title: "Key norm and attention by layer and head",
        captionParts: ResultCaption.parts(result) + ["negative: low norms draw attention"]),
      summary: HeatmapSummary.text(of: grid, quantity: "Spearman's ρ"),
      grid: grid, domain: -1...1, colorMap: options.colorMap ?? .diverging,
      barLabel: "Spearman's ρ (−1 ideal, 0 none)", landmark: 0,
      advice: result.recommendation.layers, cellFormat: .fixed(2)
    ).scene()
  }
}
