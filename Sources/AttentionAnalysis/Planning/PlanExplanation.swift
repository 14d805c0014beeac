import Foundation
import Results

/// Why a plan is what it is, in sentences.
public struct PlanExplanation {
  private let search: PlanSearch
  private let result: AnalysisResult

  public init(search: PlanSearch, result: AnalysisResult) {
    self.search = search
    self.result = result
  }

  /// A paragraph for what all plans share, and one for each.
  public func text(_ plans: [CompressionPlan]) -> String {
    ([shared] + plans.map(paragraph)).joined(separator: "\n\n")
  }

  private var shared: String {
    let chunks = result.corpus.chunks
    var words =
      "\(result.model.name), measured on \(chunks) \(chunks == 1 ? "chunk" : "chunks") of "
      + "\(result.corpus.chunkLength) positions. Plans make the \(search.objective.words) small. "
    if let sensitivity = search.costs.sensitivity {
      let chunks = sensitivity.chunks
      words +=
        "What compressing a layer alone costs was measured on \(chunks) "
        + "\(chunks == 1 ? "chunk" : "chunks"). "
    }
    words +=
      search.checking.isEmpty
      ? "All chunks are in one fold: nothing says what other text would cost."
      : "They are made on half of the folds of chunks; the other half says what other text costs."
    let windows = result.layers.count { $0.window != nil }
    if windows > 0, search.costs.compressible.count < result.layers.count {
      words +=
        " \(windows) layers have a sliding window: their memory is fixed and no part of what is "
        + "given up or counted."
    }
    return words
  }

  private func paragraph(_ plan: CompressionPlan) -> String {
    guard let origin = plan.origin else { return "" }
    let layers = search.costs.compressible
    let means = layers.map { layer -> (layer: Int, keep: Double) in
      let ratios = plan.keepRatios[layer]
      return (layer, ratios.reduce(0, +) / Double(max(ratios.count, 1)))
    }
    let whole = means.filter { $0.keep == 1 }.map(\.layer)
    let least = means.min { ($0.keep, $0.layer) < ($1.keep, $1.layer) }
    var words =
      "Saving \(PlanError.percent(origin.saved)) by \(origin.rule): "
    words +=
      whole.isEmpty
      ? "no layer keeps everything" : "layers \(NumberRanges.text(whole)) keep everything"
    if let least { words += ", layer \(least.layer) keeps least, \(PlanError.percent(least.keep))" }
    words += ". "
    func change(_ own: Double?, _ other: Double?) -> String? {
      guard let own, let other, other > 0 else { return nil }
      let percent = ((own / other - 1) * 100).rounded()
      guard percent.isFinite, percent.magnitude < 1e6 else { return nil }
      return percent == 0
        ? "as much as" : "\(abs(Int(percent))) % \(percent < 0 ? "less" : "more") than"
    }
    if origin.rule != UniformShare.name,
      let proposals = try? search.proposals(saving: origin.saved),
      let uniform = proposals.first(where: { $0.rule.name == UniformShare.name })
    {
      let objective = search.objective
      if let change = change(
        origin.predicted[objective]?.fair, uniform.predicted[objective]?.fair)
      {
        words += "Predicted \(search.objective.words): \(change) one share for all layers. "
      }
    }
    if let frequencies = search.skipFrequencies(saving: origin.saved) {
      let always = frequencies.indices.filter { frequencies[$0] == 1 }
      let some = frequencies.indices.filter { frequencies[$0] > 0 && frequencies[$0] < 1 }
        .sorted { (-frequencies[$0], $0) < (-frequencies[$1], $1) }
      var parts = always.isEmpty ? [] : ["\(NumberRanges.text(always)) in all draws"]
      if !some.isEmpty {
        // Drawn once in a while is neither never nor always.
        let shares = some.map { layer in
          "\(layer) in \(min(max(Int((frequencies[layer] * 100).rounded()), 1), 99)) %"
        }
        parts.append(shares.joined(separator: ", "))
      }
      words +=
        parts.isEmpty
        ? "When folds are drawn anew, no layer is worth skipping in any draw."
        : "When folds are drawn anew, layers whose skipping pays by this measure: "
          + parts.joined(separator: "; ") + "."
    }
    return words
  }
}
