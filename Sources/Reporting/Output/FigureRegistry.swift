/// Every figure there is.
public enum FigureRegistry {
  public static let all: [any Figure.Type] = [
    ALRFigure.self,
    ALRRatioFigure.self,
    KVALRFigure.self,
    KVALRRatioFigure.self,
    SpearmanFigure.self,
    LayersFigure.self,
    AttentionLossFigure.self,
    ScatterFigure.self,
    LowNormsFigure.self,
  ]

  /// Every figure of a capture there is.
  public static let captures: [any CaptureFigure.Type] = [
    AttentionMapFigure.self,
    KeyVectorFigure.self,
    PeakDimensionsFigure.self,
  ]

  public static func named(_ name: String) -> (any Figure.Type)? {
    all.first { $0.name == name }
  }

  public static func capture(named name: String) -> (any CaptureFigure.Type)? {
    captures.first { $0.name == name }
  }
}
