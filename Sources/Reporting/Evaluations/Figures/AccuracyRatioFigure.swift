import Results

/// Mean accuracy against the share of positions that stays, a line a policy and its layers
/// (Figs. 4, 11); bars where no more than one share was tried.
public enum AccuracyRatioFigure: EvaluationFigure {
  public static let name = "accuracy-ratio"
  public static let summary = "mean accuracy against the share kept (Figs. 4, 11)"
  public static let kinds: Set<Evaluation.Kind> = [.passkey, .needle, .ruler]

  static let mostLines = 12

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let kind = evaluation.kind
    let title = "\(kind.title): mean \(kind.scoreTitle.lowercased())"
    let settings = evaluation.settings
    // A cap or a plan beside the share would make two points of one place.
    let placed = settings.indices.filter {
      settings[$0].policy != nil && settings[$0].keepRatio?.isFinite == true
        && settings[$0].maxCache == nil && settings[$0].plan == nil
    }
    guard Set(placed.compactMap { settings[$0].keepRatio }).count > 1 else {
      return SettingBars(
        title: title, score: kind.score, axisLabel: "Mean \(kind.scoreTitle.lowercased())",
        limit: 1, place: nil
      ).scene(evaluation)
    }
    let cells = ScoreCells(evaluation)
    let names = SettingNames(settings)
    var families: [String] = []
    for setting in placed where !families.contains(names.families[setting]) {
      families.append(names.families[setting])
    }
    let shown = families.prefix(mostLines)
    var legend: [LegendEntry] = []
    var curves: [LinePanel.Curve] = []
    for (index, family) in shown.enumerated() {
      let stroke = LineStyles.stroke(index)
      legend.append(LegendEntry(sign: .line(stroke), text: fitted(family)))
      let points = placed.filter { names.families[$0] == family }.compactMap { setting in
        settings[setting].keepRatio.flatMap { ratio in
          cells.mean(kind.score, setting: setting).mean.map {
            Point(min(max(ratio, 0), 1), min(max($0, 0), 1))
          }
        }
      }.sorted { $0.x < $1.x }
      guard !points.isEmpty else { continue }
      curves.insert(LinePanel.Curve(points: points, stroke: stroke, isDotted: true), at: 0)
    }
    let reference = settings.indices.first { settings[$0].policy == nil }
    if let reference, let mean = cells.mean(kind.score, setting: reference).mean {
      let y = min(max(mean, 0), 1)
      legend.insert(
        LegendEntry(sign: .line(LineStyles.reference), text: names.names[reference]), at: 0)
      curves.append(
        LinePanel.Curve(points: [Point(0, y), Point(1, y)], stroke: LineStyles.reference))
    }
    let others = settings.count { $0.policy != nil } - placed.count
    return CurvePanels(
      header: FigureHeader(
        title: "\(title) by the share kept",
        captionParts: EvaluationCaption.parts(evaluation) + [
          names.sharedWords ?? "", "mean of all cells",
          EvaluationCaption.omission(
            shown: shown.count, of: families.count, "line") ?? "",
          others > 0
            ? "\(EvaluationCaption.count(others, "setting")) without a share not shown" : "",
        ]),
      summary: "Mean \(kind.scoreTitle.lowercased()) against the share of positions that stays: "
        + "\(shown.joined(separator: "; ")).",
      legend: legend,
      panels: [
        LinePanel(
          title: "", subtitle: "", curves: curves, xRange: 0...1, yRange: 0...1,
          xLabel: "Share of positions kept", yLabel: "Mean \(kind.scoreTitle.lowercased())")
      ]
    ).scene()
  }

  private static func fitted(_ name: String) -> String {
    TextMetrics.fitted(name, size: FigureStyle.captionSize, width: 330)
  }
}
