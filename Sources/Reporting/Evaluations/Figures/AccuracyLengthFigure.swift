import Results

/// Accuracy against the prompt's length, a line a setting (Figs. 12, 15, 16); bars where there is
/// one length.
public enum AccuracyLengthFigure: EvaluationFigure {
  public static let name = "accuracy-length"
  public static let summary = "accuracy against prompt length (Figs. 12, 15, 16)"
  public static let kinds: Set<Evaluation.Kind> = [.passkey, .needle, .ruler]

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let kind = evaluation.kind
    let lengths = evaluation.places("length").filter { $0.number?.isFinite == true }
    guard lengths.count > 1 else {
      let at = lengths.first.map { " at \($0.text) tokens" } ?? ""
      return SettingBars(
        title: "\(kind.title): \(kind.scoreTitle.lowercased())\(at)", score: kind.score,
        axisLabel: kind.scoreTitle, limit: 1, place: nil
      ).scene(evaluation)
    }
    let cells = ScoreCells(evaluation)
    let names = SettingNames(evaluation.settings)
    let panels = SettingPanels(evaluation.settings, names: names)
    let last = lengths.compactMap(\.number).max() ?? 1
    let curves = evaluation.settings.indices.map { setting -> [Point] in
      guard panels.strokes[setting] != nil else { return [] }
      return lengths.compactMap { length in
        let score = cells.mean(kind.score, setting: setting, at: [("length", length)])
        guard let x = length.number, let y = score.mean else { return nil }
        return Point(x, min(max(y, 0), 1))
      }
    }
    let others = kind == .needle ? "mean over depths" : kind == .ruler ? "mean over tasks" : ""
    return CurvePanels(
      header: FigureHeader(
        title: "\(kind.title): \(kind.scoreTitle.lowercased()) by prompt length",
        captionParts: EvaluationCaption.parts(evaluation)
          + [names.sharedWords ?? "", others, panels.omission ?? ""]),
      summary: "\(kind.scoreTitle) of \(EvaluationCaption.count(curves.count, "setting")) at "
        + "\(lengths.count) lengths, from \(lengths[0].text) to "
        + "\(lengths[lengths.count - 1].text) tokens.",
      legend: panels.legendEntries,
      panels: panels.panels.map { panel in
        LinePanel(
          title: panel.title, subtitle: "",
          curves: panel.settings.reversed().compactMap { setting in
            guard let stroke = panels.strokes[setting], !curves[setting].isEmpty else { return nil }
            return LinePanel.Curve(
              points: curves[setting], stroke: stroke, isDotted: lengths.count <= 16)
          },
          xRange: 0...max(last, 1), yRange: 0...1, xLabel: "Prompt length (tokens)",
          yLabel: kind.scoreTitle)
      }
    ).scene()
  }
}
