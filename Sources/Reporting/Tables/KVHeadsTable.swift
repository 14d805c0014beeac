import Results

/// A row for each KV head, which is what a cache drops positions of.
public enum KVHeadsTable: ResultTable {
  public static let name = "kv-heads"

  public static func table(_ result: AnalysisResult, rows: TableRows) -> ReportTable {
    let heads = result.kvHeads.filter { rows.contains(layer: $0.layer) }
    let places: [ReportTable.Column] = [
      .integers("Layer", "layer", heads.map(\.layer)),
      .integers("KV head", "kv_head", heads.map(\.kvHead)),
    ]
    return ReportTable(
      title: "KV heads", captionParts: ResultCaption.parts(result),
      columns: places + ReportTable.Column.measures(of: heads.map(\.measures)))
  }
}
