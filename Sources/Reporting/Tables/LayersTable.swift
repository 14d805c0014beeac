import Results

/// A row for each layer: its measures, the ratio that decides and the answer.
public enum LayersTable: ResultTable {
  public static let name = "layers"

  public static func table(_ result: AnalysisResult, rows: TableRows) -> ReportTable {
    let layers = result.layers.filter { rows.contains(layer: $0.layer) }
    let advice = layers.map { result.recommendation[layer: $0.layer] }
    var columns: [ReportTable.Column] = [
      .integers("Layer", "layer", layers.map(\.layer)),
      .measures("ALR", "alr", layers.map(\.alr), errors: layers.map(\.alrSE)),
      .measures(
        "ALR / n", "alr_normalized", layers.map(\.alrNormalized),
        format: MeasureFormat.normalized),
      .measures(
        "ALR ratio", "alr_ratio", layers.map(\.alrRatio), errors: layers.map(\.alrRatioSE),
        format: MeasureFormat.ratio),
      .measures("KV ratio", "kv_alr_ratio", advice.map(\.?.ratio), format: MeasureFormat.ratio),
      .measures(
        "95 % from", "kv_alr_ratio_low", advice.map(\.?.low), format: MeasureFormat.ratio),
      .measures("to", "kv_alr_ratio_high", advice.map(\.?.high), format: MeasureFormat.ratio),
      ReportTable.Column(
        title: "Answer", key: "answer", errorKey: nil, format: .fixed(0),
        cells: advice.map { .answer($0?.answer) }),
      .integers("Chunks needed", "chunks_needed", advice.map(\.?.chunksNeeded)),
    ]
    // Only windows make the number of candidates differ.
    if Set(result.layers.map(\.n)).count > 1 {
      columns.insert(.integers("n", "n", layers.map(\.n)), at: 1)
    }
    return ReportTable(
      title: "Layers", captionParts: ResultCaption.parts(result), columns: columns)
  }
}
