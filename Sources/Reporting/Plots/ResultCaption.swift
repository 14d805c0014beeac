import AttentionAnalysis

/// What a figure says about the run it shows.
enum ResultCaption {
  /// Model, corpus and protocol, parts set apart by a middle dot.
  static func parts(_ result: AnalysisResult) -> [String] {
    let corpus = result.corpus
    let chunks = corpus.chunks == 1 ? "1 chunk" : "\(NumberText.grouped(corpus.chunks)) chunks"
    return [
      LabelText.visible(result.model.name), LabelText.visible(corpus.name),
      "\(chunks) × \(NumberText.grouped(corpus.chunkLength)) positions",
      "query \(LabelText.visible(result.protocolSummary.query))",
    ] + (result.protocolSummary.rope.map { ["RoPE \(LabelText.visible($0))"] } ?? [])
  }

  /// What the recommendation comes to, in a sentence.
  static func advice(_ result: AnalysisResult) -> String {
    let layers = result.recommendation.layers
    if layers.isEmpty {
      guard Recommendation.isMostlyChance(result.layers) else {
        return "Compress all layers: none stands out."
      }
      return result.layers.count == 1
        ? "The only layer is no better than chance, if not surely worse: measure more chunks."
        : "No layer is surely worse than chance, but half of them are no better: measure more chunks."
    }
    if layers.count >= result.model.layers {
      return "Compress no layer: \(scoreName(result)) serves none of them."
    }
    let list = layers.map(String.init).joined(separator: ", ")
    return "Leave \(layers.count == 1 ? "layer" : "layers") \(list) uncompressed."
  }

  /// The score as a noun: `key-norm` reads `key norm`.
  static func scoreName(_ result: AnalysisResult) -> String {
    LabelText.visible(
      String(result.protocolSummary.score.map { $0 == "-" ? " " : $0 }.prefix(40)))
  }
}
