import Results

/// Every figure of a comparison there is.
public enum ComparisonFigures {
  public static let all: [any ComparisonFigure.Type] = [WinnersFigure.self]

  /// Every figure as SVG and PNG under `figures/`. Nothing is written here, and the same comparison
  /// gives the same bytes.
  public static func files(_ comparison: ScoreComparison) -> [ResultsFolder.Attachment] {
    all.flatMap { figure in
      let scene = figure.scene(comparison)
      return [SceneFormat.svg, .png].map {
        ResultsFolder.Attachment(
          name: "figures/\(figure.name).\($0.rawValue)", bytes: $0.encode(scene))
      }
    }
  }
}
