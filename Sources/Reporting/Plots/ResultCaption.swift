import AttentionAnalysis

/// What a figure says about the run it shows.
enum ResultCaption {
  /// Model, corpus and protocol, parts set apart by a middle dot.
  static func parts(_ result: AnalysisResult) -> [String] {
    let corpus = result.corpus
    let chunks = corpus.chunks == 1 ? "1 chunk" : "\(NumberText.grouped(corpus.chunks)) chunks"
    return [
      TextMetrics.singleLine(result.model.name), TextMetrics.singleLine(corpus.name),
      "\(chunks) × \(NumberText.grouped(corpus.chunkLength)) positions",
      "query \(TextMetrics.singleLine(result.protocolSummary.query))",
    ]
  }

  /// The score as a noun: `key-norm` reads `key norm`.
  static func scoreName(_ result: AnalysisResult) -> String {
    TextMetrics.singleLine(
      String(result.protocolSummary.score.map { $0 == "-" ? " " : $0 }.prefix(40)))
  }
}
