import Results

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
    let recommendation = result.recommendation
    let skip = recommendation.layers(.skip)
    let compress = recommendation.layers(.compress)
    let unsure = recommendation.layers(.unsure)
    let count = skip.count + compress.count + unsure.count
    if count == 0 { return "Nothing is advised: no layer has a ratio." }
    // Where one answer holds for all of several layers that have one, it needs no list.
    if count > 1 {
      if skip.count == count {
        return "Skip every layer: \(scoreName(result)) serves none of them."
      }
      if compress.count == count { return "Compress every layer." }
      if unsure.count == count { return "Cannot tell yet for any layer: measure more chunks." }
    }
    func named(_ layers: [Int]) -> String {
      "\(layers.count == 1 ? "layer" : "layers") \(NumberRanges.text(layers))"
    }
    var parts: [String] = []
    if !skip.isEmpty { parts.append("skip \(named(skip))") }
    if !compress.isEmpty { parts.append("compress \(named(compress))") }
    if !unsure.isEmpty { parts.append("cannot tell yet for \(named(unsure))") }
    let sentence = parts.joined(separator: "; ") + "."
    return sentence.prefix(1).uppercased() + sentence.dropFirst()
  }

  /// The score as a noun: `key-norm` reads `key norm`.
  static func scoreName(_ result: AnalysisResult) -> String {
    LabelText.visible(
      String(result.protocolSummary.score.map { $0 == "-" ? " " : $0 }.prefix(40)))
  }
}
