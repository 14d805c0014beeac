import AttentionAnalysis

/// A row a layer: its measures and whether it is to be left uncompressed.
public enum LayersTable: ResultTable {
  public static let name = "layers"

  public static func table(_ result: AnalysisResult, rows: TableRows) -> ReportTable {
    let layers = result.layers.filter { rows.contains(layer: $0.layer) }
    var columns: [ReportTable.Column] = [
      .integers("Layer", "layer", layers.map(\.layer)),
      .measures("ALR", "alr", layers.map(\.alr), errors: layers.map(\.alrSE)),
      .measures(
        "ALR / n", "alr_normalized", layers.map(\.alrNormalized),
        format: MeasureFormat.normalized),
      .measures(
        "ALR ratio", "alr_ratio", layers.map(\.alrRatio), errors: layers.map(\.alrRatioSE),
        format: MeasureFormat.ratio),
      ReportTable.Column(
        title: "Leave uncompressed", key: "skip", errorKey: nil, format: .fixed(0),
        cells: layers.map { .mark($0.skip) }),
    ]
    // Only windows make the number of candidates differ.
    if Set(result.layers.map(\.n)).count > 1 {
      columns.insert(.integers("n", "n", layers.map(\.n)), at: 1)
    }
    return ReportTable(
      title: "Layers", captionParts: ResultCaption.parts(result), columns: columns)
  }
}
