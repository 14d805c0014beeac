import Results

/// Curves along the input with their bands, a line a setting (Figs. 3, 5, 10).
struct LikelihoodPlot {
  var title: String
  var quantity: String
  var limits: ClosedRange<Double>
  var curve: (Evaluation.TokenArrays, Int) -> RunningCurve

  /// Points of a curve at most, where pooling is left to the figure.
  static let mostPoints = 400
  /// Bands of more curves than this would cover one another.
  static let mostBands = 6

  func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let names = SettingNames(evaluation.settings)
    let panels = SettingPanels(evaluation.settings, names: names)
    let positions = evaluation.tokens?.positions ?? 0
    // A text as short as what is skipped would leave nothing.
    let skip = options.skip < positions ? max(options.skip, 0) : 0
    let pool = max(1, options.pool ?? (positions - skip - 1) / Self.mostPoints + 1)
    var curves: [Int: RunningCurve] = [:]
    if let tokens = evaluation.tokens {
      for setting in evaluation.settings.indices
      where panels.strokes[setting] != nil && setting < tokens.settings {
        curves[setting] = curve(tokens, setting).pooled(pool, skip: skip)
      }
    }
    let hasBands =
      curves.count > 0
      && panels.panels.allSatisfy {
        $0.settings.count <= Self.mostBands
      }
    let shown = curves.values.flatMap { hasBands ? $0.low + $0.values + $0.high : $0.values }
    let yRange = CurvePanels.range(of: shown, within: limits)
    let chunks = evaluation.tokens?.chunks ?? 0
    var caption = EvaluationCaption.parts(evaluation)
    caption += [
      names.sharedWords ?? "",
      chunks < 2 ? "" : hasBands ? "bands: ± 1 standard error over chunks" : "",
      pool > 1 ? "each point the mean of \(pool)" : "",
      skip > 0 ? "the first \(skip) points left out" : "",
      panels.omission ?? "",
    ]
    return CurvePanels(
      header: FigureHeader(title: title, captionParts: caption),
      summary: summary(evaluation, curves, names), legend: panels.legendEntries,
      panels: panels.panels.map { panel in
        var plot = LinePanel(
          title: panel.title, subtitle: "", curves: [], xRange: 0...Double(positions + 1),
          yRange: yRange,
          xLabel: "Input length (tokens)", yLabel: quantity)
        for setting in panel.settings {
          guard let curve = curves[setting], let stroke = panels.strokes[setting] else { continue }
          let finite = curve.values.indices.filter {
            curve.values[$0].isFinite && curve.low[$0].isFinite && curve.high[$0].isFinite
          }
          guard !finite.isEmpty else { continue }
          func points(_ values: [Double]) -> [Point] {
            finite.map { Point(curve.lengths[$0], values[$0]) }
          }
          if hasBands, chunks > 1 {
            plot.areas.append(
              (points(curve.low) + points(curve.high).reversed(), LineStyles.band(of: stroke)))
          }
          // What is compared with lies on top.
          plot.curves.insert(
            LinePanel.Curve(
              points: points(curve.values), stroke: stroke, isDotted: finite.count < 3), at: 0)
        }
        return plot
      }
    ).scene()
  }

  private func summary(
    _ evaluation: Evaluation, _ curves: [Int: RunningCurve], _ names: SettingNames
  ) -> String {
    let ends = evaluation.settings.indices.compactMap { setting in
      curves[setting]?.values.last.map {
        "\(names.names[setting]) \(NumberText.significant($0))"
      }
    }
    return "\(quantity) against input length; at the end: "
      + (ends.isEmpty ? "no values" : ends.prefix(12).joined(separator: "; ")) + "."
  }
}
