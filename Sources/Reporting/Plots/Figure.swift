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

  public init(
    colorMap: ColorMap? = nil, heads: [HeadIndex] = [], positions: [Int] = [],
    peaks: [PeakDimensions] = []
  ) {
    self.colorMap = colorMap
    self.heads = heads
    self.positions = positions
    self.peaks = peaks
  }
}
