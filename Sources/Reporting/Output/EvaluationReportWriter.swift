import Results

/// The files of an evaluation's folder that show it rather than hold it.
public enum EvaluationReportWriter {
  /// Files that not every evaluation of a kind brings: those of an earlier one go away.
  public static let occasionalPaths = EvaluationFigures.of(.lm).flatMap { figure in
    [SceneFormat.svg, .png].map { "figures/\(figure.name).\($0.rawValue)" }
  }

  /// `report.html`, and every figure of its kind as SVG and PNG under `figures/`. Nothing is written
  /// here, and the same evaluation gives the same bytes.
  public static func files(_ evaluation: Evaluation) -> [ResultsFolder.Attachment] {
    [
      ResultsFolder.Attachment(
        name: "report.html", bytes: Array(EvaluationReport.document(evaluation).utf8))
    ]
      + EvaluationFigures.of(evaluation).flatMap { figure in
        let scene = figure.scene(evaluation, options: FigureOptions())
        return [SceneFormat.svg, .png].map {
          ResultsFolder.Attachment(
            name: "figures/\(figure.name).\($0.rawValue)", bytes: $0.encode(scene))
        }
      }
  }
}
