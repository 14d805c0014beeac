import Results

/// Scores of needles in a haystack by token limit and depth, a heatmap a setting (Figs. 13, 14).
public enum NeedleFigure: EvaluationFigure {
  public static let name = "needle"
  public static let summary = "scores by token limit and depth (Figs. 13, 14)"
  public static let kinds: Set<Evaluation.Kind> = [.needle]

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let lengths = Array(evaluation.places("length").prefix(128))
    let depths = Array(evaluation.places("depth").prefix(64))
    let cells = ScoreCells(evaluation)
    let names = SettingNames(evaluation.settings)
    let isAlone = evaluation.settings.count == 1
    let panels = evaluation.settings.indices.prefix(ScoreMap.mostPanels).map { setting in
      let mean = cells.mean(evaluation.kind.score, setting: setting).mean
      return ScoreMap.Panel(
        title: isAlone ? "" : names.names[setting],
        subtitle: isAlone ? "" : "mean \(NumberFormat.fixed(3).text(mean))",
        values: depths.flatMap { depth in
          lengths.map { length in
            cells.mean(
              evaluation.kind.score, setting: setting, at: [("length", length), ("depth", depth)]
            ).mean
          }
        })
    }
    return ScoreMap(
      header: FigureHeader(
        title: "Needle in a haystack: score by token limit and depth",
        captionParts: EvaluationCaption.parts(evaluation) + [
          isAlone ? names.names[0] : names.sharedWords ?? "",
          EvaluationCaption.omission(
            shown: panels.count, of: evaluation.settings.count, "setting") ?? "",
        ]),
      summary: "Scores at \(depths.count) depths and \(lengths.count) lengths; means: "
        + zip(names.names, panels).prefix(12).map { "\($0) \($1.subtitle.dropFirst(5))" }
        .joined(separator: "; ") + ".",
      rows: depths.map { $0.number == nil ? $0.text : "\($0.text) %" },
      columns: lengths.map(\.text), rowAxis: "Depth", columnAxis: "Token limit", panels: panels,
      domain: 0...1, colorMap: options.colorMap ?? .retrieval, barLabel: "Score"
    ).scene()
  }
}
