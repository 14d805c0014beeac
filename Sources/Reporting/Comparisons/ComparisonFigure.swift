import Results

/// A picture of a comparison of scores.
///
/// To add one: a file in `Comparisons/Figures` with a type that conforms, and a line in
/// `ComparisonFigures`.
public protocol ComparisonFigure: Sendable {
  /// What the file is called, for example `winners`.
  static var name: String { get }
  /// One line that says what it shows.
  static var summary: String { get }
  /// Describes the picture; never fails, missing values are shown as missing.
  static func scene(_ comparison: ScoreComparison) -> Scene
}
