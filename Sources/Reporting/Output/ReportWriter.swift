import Results

/// The files of a results folder that show a result rather than hold it.
public enum ReportWriter {
  /// `report.html`, and every figure as SVG and PNG under `figures/`. Nothing is written here, and
  /// the same result gives the same bytes.
  ///
  /// - Parameters:
  ///   - capture: what a prompt showed of the same model; the report shows it and its figures are
  ///     among them.
  ///   - peaks: what changed keys do to the capture's attention.
  public static func files(
    _ result: AnalysisResult, capture: PromptCapture? = nil, peaks: [PeakDimensions] = []
  ) -> [ResultsFolder.Attachment] {
    var files = [
      ResultsFolder.Attachment(
        name: "report.html", bytes: Array(HTMLReport.document(result, capture: capture).utf8))
    ]
    for figure in FigureRegistry.all {
      files += pictures(of: figure.scene(result, options: FigureOptions()), named: figure.name)
    }
    guard let capture else { return files }
    for figure in FigureRegistry.captures where figure.isPossible(with: capture) {
      files += pictures(
        of: figure.scene(capture, options: FigureOptions(peaks: peaks)), named: figure.name)
    }
    return files
  }

  /// The pictures of a capture, in every format: of an earlier capture they go away where a run is
  /// written anew.
  public static var captureFigurePaths: [String] {
    FigureRegistry.captures.flatMap { figure in
      SceneFormat.allCases.map { "figures/\(figure.name).\($0.rawValue)" }
    }
  }

  private static func pictures(
    of scene: Scene, named name: String
  ) -> [ResultsFolder.Attachment] {
    [SceneFormat.svg, .png].map {
      ResultsFolder.Attachment(name: "figures/\(name).\($0.rawValue)", bytes: $0.encode(scene))
    }
  }
}
