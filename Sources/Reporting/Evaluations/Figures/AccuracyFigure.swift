import Results

/// Next-token accuracy along the input, a line a setting (Figs. 3, 5, 10).
public enum AccuracyFigure: EvaluationFigure {
  public static let name = "accuracy"
  public static let summary = "next-token accuracy against input length (Figs. 3, 5, 10)"
  public static let kinds: Set<Evaluation.Kind> = [.lm]

  /// Single layers have a figure of their own: their lines would lie on one another.
  public static func suits(_ evaluation: Evaluation) -> Bool {
    !LayerSensitivityFigure.shows(evaluation)
  }

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    LikelihoodPlot(
      title: "Next-token accuracy along the input", quantity: "Accuracy", limits: 0...1,
      curve: RunningCurve.accuracy
    ).scene(evaluation, options: options)
  }
}
