import Results

/// Scores on LongBench's subsets, bars by setting (Figs. 17, 18).
public enum LongBenchFigure: EvaluationFigure {
  public static let name = "longbench"
  public static let summary = "scores of LongBench's subsets by setting (Figs. 17, 18)"
  public static let kinds: Set<Evaluation.Kind> = [.longbench]

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    SettingBars(
      title: "LongBench: scores by subset", score: evaluation.kind.score,
      axisLabel: "Score (0–100)", limit: nil, place: "subset"
    ).scene(evaluation)
  }
}
