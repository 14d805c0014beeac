import Results

/// Log-perplexity along the input, a line a setting (Figs. 3, 5, 10).
public enum LogPerplexityFigure: EvaluationFigure {
  public static let name = "log-perplexity"
  public static let summary = "log-perplexity against input length (Figs. 3, 5, 10)"
  public static let kinds: Set<Evaluation.Kind> = [.lm]

  /// Single layers have a figure of their own: their lines would lie on one another.
  public static func suits(_ evaluation: Evaluation) -> Bool {
    !LayerSensitivityFigure.shows(evaluation)
  }

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    LikelihoodPlot(
      title: "Log-perplexity along the input", quantity: "Log-perplexity", limits: 0...700,
      curve: RunningCurve.logPerplexity
    ).scene(evaluation, options: options)
  }
}
