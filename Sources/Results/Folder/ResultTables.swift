/// `heads.csv`, `kv_heads.csv` and `layers.csv`: the rows of `result.json` as RFC 4180 tables.
///
/// Lines end in CR LF; what is undefined is empty; numbers are the shortest that read back to the
/// same bits.
enum ResultTables {
  static func heads(_ result: AnalysisResult) -> String {
    table(
      ["layer", "head", "kv_head"] + measureNames,
      result.heads.map { row in
        ["\(row.layer)", "\(row.head)", "\(row.kvHead)"] + cells(row.measures)
      })
  }

  static func kvHeads(_ result: AnalysisResult) -> String {
    table(
      ["layer", "kv_head"] + measureNames,
      result.kvHeads.map { row in ["\(row.layer)", "\(row.kvHead)"] + cells(row.measures) })
  }

  /// `layers[]` and, beside each, its row of `recommendation.layers[]`.
  static func layers(_ result: AnalysisResult) -> String {
    table(
      [
        "layer", "n", "window", "kv_source", "alr", "alr_se", "alr_normalized", "alr_ratio",
        "alr_ratio_se", "kv_alr_ratio", "kv_alr_ratio_low", "kv_alr_ratio_high", "stands_out",
        "answer", "chunks_needed", "heads_answer",
      ],
      result.layers.map { row in
        let advice = result.recommendation[layer: row.layer]
        return [
          "\(row.layer)", "\(row.n)", cell(row.window), cell(row.kvSource), cell(row.alr),
          cell(row.alrSE), cell(row.alrNormalized), cell(row.alrRatio), cell(row.alrRatioSE),
          cell(advice?.ratio), cell(advice?.low), cell(advice?.high), cell(advice?.standsOut),
          cell(advice?.answer?.rawValue), cell(advice?.chunksNeeded),
          cell(advice?.headsAnswer?.rawValue),
        ]
      })
  }

  private static var measureNames: [String] { MeasureField.all.map(\.name) }

  private static func cells(_ measures: Measures) -> [String] {
    MeasureField.all.map { cell(measures[keyPath: $0.value]) }
  }

  /// Numbers and answers never need quotes.
  private static func cell(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? ""
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}
