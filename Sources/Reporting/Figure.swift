import AttentionAnalysis

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

/// What may be chosen about a figure.
public struct FigureOptions: Sendable, Equatable {
  /// For heatmaps; each figure has its own default.
  public var colorMap: ColorMap?
  /// For figures of single heads; empty for the figure's own choice.
  public var heads: [HeadIndex]

  public init(colorMap: ColorMap? = nil, heads: [HeadIndex] = []) {
    self.colorMap = colorMap
    self.heads = heads
  }
}

/// Every figure there is.
public enum FigureRegistry {
  public static let all: [any Figure.Type] = [
    ALRFigure.self,
    ALRRatioFigure.self,
    KVALRFigure.self,
    KVALRRatioFigure.self,
    LayersFigure.self,
    AttentionLossFigure.self,
    ScatterFigure.self,
    LowNormsFigure.self,
  ]

  public static func named(_ name: String) -> (any Figure.Type)? {
    all.first { $0.name == name }
  }
}
