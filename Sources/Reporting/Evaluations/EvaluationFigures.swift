import Results

/// Every figure of an evaluation there is.
public enum EvaluationFigures {
  public static let all: [any EvaluationFigure.Type] = [
    LogPerplexityFigure.self,
    AccuracyFigure.self,
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

  public static func named(_ name: String) -> (any EvaluationFigure.Type)? {
    all.first { $0.name == name }
  }
}
