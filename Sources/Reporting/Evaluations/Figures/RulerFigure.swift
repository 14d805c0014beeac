import Results

/// Scores on RULER's tasks, settings × tasks, a heatmap a length.
public enum RulerFigure: EvaluationFigure {
  public static let name = "ruler"
  public static let summary = "scores of RULER's tasks by setting"
  public static let kinds: Set<Evaluation.Kind> = [.ruler]

  static let mostRows = 48

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let tasks = Array(evaluation.places("task").prefix(64))
    let lengths = evaluation.places("length")
    let cells = ScoreCells(evaluation)
    let names = SettingNames(evaluation.settings)
    let rows = evaluation.settings.indices.prefix(mostRows)
    let panels = lengths.prefix(ScoreMap.mostPanels).map { length in
      ScoreMap.Panel(
        title: lengths.count == 1 ? "" : "\(length.text) tokens", subtitle: "",
        values: rows.flatMap { setting in
          tasks.map { task in
            cells.mean(
              evaluation.kind.score, setting: setting, at: [("task", task), ("length", length)]
            ).mean
          }
        })
    }
    return ScoreMap(
      header: FigureHeader(
        title: "RULER: score by task",
        captionParts: EvaluationCaption.parts(evaluation) + [
          lengths.count == 1 ? "\(lengths[0].text) tokens" : "", names.sharedWords ?? "",
          EvaluationCaption.omission(shown: rows.count, of: names.names.count, "setting") ?? "",
          EvaluationCaption.omission(shown: panels.count, of: lengths.count, "length") ?? "",
        ]),
      summary: "Scores of \(EvaluationCaption.count(rows.count, "setting")) on "
        + "\(EvaluationCaption.count(tasks.count, "task")) at "
        + "\(EvaluationCaption.count(lengths.count, "length")).",
      rows: rows.map { names.names[$0] }, columns: tasks.map(\.text), hasUprightColumns: true,
      rowAxis: "", columnAxis: "Task", panels: panels, domain: 0...1,
      colorMap: options.colorMap ?? .retrieval, barLabel: "Score"
    ).scene()
  }
}
