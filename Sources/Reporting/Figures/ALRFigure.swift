import AttentionAnalysis

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
      skippedLayers: result.recommendation.layers,
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

/// A heatmap in words.
enum HeatmapSummary {
  /// How many layers and heads, and where the extremes lie.
  static func text(of grid: HeadGrid, quantity: String, column: String = "head") -> String {
    let size = "\(quantity) of \(grid.layers) layers with \(grid.heads) \(column)s each"
    let present = grid.values.enumerated().compactMap { item in
      item.element.map { (index: item.offset, value: $0) }
    }
    guard let least = present.min(by: { $0.value < $1.value }),
      let greatest = present.max(by: { $0.value < $1.value })
    else { return size + "; no values." }
    func place(_ index: Int) -> String {
      "layer \(index / grid.heads), \(column) \(index % grid.heads)"
    }
    let format = NumberFormat(for: [greatest.value])
    return "\(size). Lowest \(format.text(least.value)) at \(place(least.index)), "
      + "highest \(format.text(greatest.value)) at \(place(greatest.index))."
  }
}
