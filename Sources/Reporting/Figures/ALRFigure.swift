import Results

/// Fig. 1 of the paper: ALR of every head of every layer.
public enum ALRFigure: Figure {
  public static let name = "alr"
  public static let summary = "ALR of every layer and head (Fig. 1)"

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let grid = HeadGrid(result, value: \.alr)
    return HeatmapPlot(
      header: FigureHeader(
        title: "ALR by layer and head",
        captionParts: ResultCaption.parts(result) + ["lower is better"]),
      summary: HeatmapSummary.text(of: grid, quantity: "ALR"),
      grid: grid, domain: domain(of: grid.range), colorMap: options.colorMap ?? .viridis,
      barLabel: "ALR (attention loss × positions)", landmark: nil,
      advice: result.recommendation.layers,
      cellFormat: NumberFormat(for: grid.values.compactMap { $0 })
    ).scene()
  }

  /// From 0, the ideal, to the greatest value; where that would leave no contrast, from the least.
  static func domain(of range: ClosedRange<Double>?) -> ClosedRange<Double> {
    guard let range, range.upperBound > 0 else { return 0...1 }
    return
      (range.lowerBound > 0.7 * range.upperBound && range.lowerBound < range.upperBound
      ? range.lowerBound : min(range.lowerBound, 0))...range.upperBound
  }
}
