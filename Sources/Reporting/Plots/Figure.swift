import Results

/// A picture of a result.
///
/// To add one: a file in `Figures` with a type that conforms, and a line in `FigureRegistry`.
public protocol Figure: Sendable {
  /// What the command line and the file call it, for example `attention-loss`.
  static var name: String { get }
  /// One line that says what it shows.
  static var summary: String { get }
  /// Describes the picture; never fails, missing values are shown as missing.
  static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene
}

/// A picture of a capture; added as a `Figure` is.
public protocol CaptureFigure: Sendable {
  /// What the command line and the file call it, for example `attention-map`.
  static var name: String { get }
  /// One line that says what it shows.
  static var summary: String { get }
  /// What must have been captured.
  static var needs: [CapturePart] { get }
  /// Describes the picture; never fails, missing values are shown as missing.
  static func scene(_ capture: PromptCapture, options: FigureOptions) -> Scene
}

extension CaptureFigure {
  /// Whether the capture has all that the figure needs.
  public static func isPossible(with capture: PromptCapture) -> Bool {
    Set(needs).isSubset(of: capture.parts)
  }
}

/// A picture of an evaluation.
///
/// To add one: a file in `Evaluations/Figures` with a type that conforms, and a line in
/// `EvaluationFigures`.
public protocol EvaluationFigure: Sendable {
  /// What the command line and the file call it, for example `log-perplexity`.
  static var name: String { get }
  /// One line that says what it shows.
  static var summary: String { get }
  /// Which evaluations it can show.
  static var kinds: Set<Evaluation.Kind> { get }
  /// Whether there is anything of it to show in this evaluation.
  static func shows(_ evaluation: Evaluation) -> Bool
  /// Whether it belongs among the figures of this evaluation where nobody names any.
  static func suits(_ evaluation: Evaluation) -> Bool
  /// Describes the picture; never fails, missing values are shown as missing.
  static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene
}

extension EvaluationFigure {
  public static func shows(_ evaluation: Evaluation) -> Bool { kinds.contains(evaluation.kind) }
  public static func suits(_ evaluation: Evaluation) -> Bool { true }
}

/// What may be chosen about a figure.
public struct FigureOptions: Sendable, Equatable {
  /// For heatmaps; each figure has its own default.
  public var colorMap: ColorMap?
  /// For figures of single heads; empty for the figure's own choice.
  public var heads: [HeadIndex]
  /// For figures of single positions of a prompt; empty for the figure's own choice.
  public var positions: [Int]
  /// For figures of changed keys: what was computed of the heads that they show.
  public var peaks: [PeakDimensions]
  /// For curves along the input: how many points are averaged into one; `nil` for as few as a plot
  /// has room for.
  public var pool: Int?
  /// For curves along the input: points left out at the beginning, where means are of few tokens.
  public var skip: Int

  /// What the authors' plots leave out.
  public static let usualSkip = 30

  public init(
    colorMap: ColorMap? = nil, heads: [HeadIndex] = [], positions: [Int] = [],
    peaks: [PeakDimensions] = [], pool: Int? = nil, skip: Int = FigureOptions.usualSkip
  ) {
    self.pool = pool
    self.skip = skip
    self.colorMap = colorMap
    self.heads = heads
    self.positions = positions
    self.peaks = peaks
  }
}
