import Results

/// Every figure of an evaluation there is.
public enum EvaluationFigures {
  public static let all: [any EvaluationFigure.Type] = [
    LogPerplexityFigure.self,
    AccuracyFigure.self,
    SettingDifferencesFigure.self,
    LayerSensitivityFigure.self,
    AccuracyLengthFigure.self,
    AccuracyRatioFigure.self,
    NeedleFigure.self,
    LongBenchFigure.self,
    RulerFigure.self,
  ]

  /// Those that show an evaluation of this kind.
  public static func of(_ kind: Evaluation.Kind) -> [any EvaluationFigure.Type] {
    all.filter { $0.kinds.contains(kind) }
  }

  /// Those that have something to show of this one.
  public static func of(_ evaluation: Evaluation) -> [any EvaluationFigure.Type] {
    of(evaluation.kind).filter { $0.shows(evaluation) && $0.suits(evaluation) }
  }

  public static func named(_ name: String) -> (any EvaluationFigure.Type)? {
    all.first { $0.name == name }
  }
}
