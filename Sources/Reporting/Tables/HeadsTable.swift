import Results

/// A row for each query head.
public enum HeadsTable: ResultTable {
  public static let name = "heads"

  public static func table(_ result: AnalysisResult, rows: TableRows) -> ReportTable {
    let heads = result.heads.filter { rows.contains(layer: $0.layer) }
    let places: [ReportTable.Column] = [
      .integers("Layer", "layer", heads.map(\.layer)),
      .integers("Head", "head", heads.map(\.head)),
      .integers("KV head", "kv_head", heads.map(\.kvHead)),
    ]
    return ReportTable(
      title: "Heads", captionParts: ResultCaption.parts(result),
      columns: places + ReportTable.Column.measures(of: heads.map(\.measures)))
  }
}
