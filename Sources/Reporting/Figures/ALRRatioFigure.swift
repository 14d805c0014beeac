import Results

/// ALR as a share of what dropping at random would give, for every head of every layer.
public enum ALRRatioFigure: Figure {
  public static let name = "alr-ratio"
  public static let summary = "ALR as a share of random dropping by layer and head"

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let grid = HeadGrid(result, value: \.alrRatio)
    return HeatmapPlot(
      header: FigureHeader(
        title: "ALR ratio by layer and head", captionParts: ResultCaption.parts(result)),
      summary: HeatmapSummary.text(of: grid, quantity: "ALR ratio"),
      grid: grid, domain: domain(of: grid.range), colorMap: options.colorMap ?? .diverging,
      barLabel: "ALR ratio (0 ideal, 1 chance)", landmark: 1,
      advice: result.recommendation.layers,
      cellFormat: .fixed(2)
    ).scene()
  }

  /// Even around 1, as far as the farthest value, in steps of 0.25. A ratio lies within 0…2: the
  /// worst order is as far above chance as the ideal one is below.
  static func domain(of range: ClosedRange<Double>?) -> ClosedRange<Double> {
    guard let range else { return 0...2 }
    let farthest = max(abs(range.lowerBound - 1), abs(range.upperBound - 1))
    let reach = min(max((farthest * 4 - 1e-9).rounded(.up) / 4, 0.25), 1e6)
    return (1 - reach)...(1 + reach)
  }
}
