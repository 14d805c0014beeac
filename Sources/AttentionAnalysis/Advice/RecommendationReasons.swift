import Foundation
import Results

extension Recommendation {
  /// The recommendation for layers of these sums.
  ///
  /// - Parameters:
  ///   - kvHeads: ALR and random ALR over each layer's KV heads: a cache drops a position for all
  ///     query heads of one, so these decide.
  ///   - heads: the same over the query heads; `nil` where each has a KV head of its own.
  init(kvHeads: [ChunkSums], heads: [ChunkSums]?, rule: RecommendationRule = RecommendationRule()) {
    let verdicts = rule.verdicts(kvHeads)
    let headsVerdicts = heads.map(rule.verdicts) ?? verdicts
    let layers = verdicts.indices.map { layer in
      let verdict = verdicts[layer]
      return LayerAdvice(
        layer: layer, answer: verdict.answer, ratio: verdict.ratio, low: verdict.low,
        high: verdict.high, standsOut: verdict.standsOut, chunksNeeded: verdict.chunksNeeded,
        headsAnswer: headsVerdicts[layer].answer)
    }
    self.init(
      layers: layers, reasons: Self.reasons(layers, chunks: kvHeads.first?.alr.count ?? 0))
  }

  /// Sentences for people: one a group of layers that share answer and cause.
  static func reasons(_ layers: [LayerAdvice], chunks: Int) -> [String] {
    var reasons: [String] = []
    func say(_ start: String, _ members: [LayerAdvice], _ rest: String, _ more: String = "") {
      if members.isEmpty { return }
      reasons.append(
        "\(start) \(named(members.map(\.layer))): \(rest) (\(spelled(members))\(more)).")
    }
    let skip = layers.filter { $0.answer == .skip }
    let isWorse = { (row: LayerAdvice) in row.low.map { $0 > 1 } ?? false }
    say("Skip", skip.filter(isWorse), "worse than dropping at random")
    let middle = Statistics.median(layers.compactMap(\.ratio)).map { fixed($0) } ?? ""
    say(
      "Skip", skip.filter { !isWorse($0) }, "far worse than the other layers",
      "; the middle layer \(middle)")
    say(
      "Compress", layers.filter { $0.answer == .compress },
      "better than dropping at random, and not far worse than the other layers")

    let unsure = layers.filter { $0.answer == .unsure }
    let inReach = unsure.filter { $0.chunksNeeded != nil }
    let needed = inReach.compactMap(\.chunksNeeded).sorted()
    if let all = needed.last {
      let half = needed[(needed.count - 1) / 2]
      say(
        "Cannot tell yet for", inReach,
        "about \(half) chunks would decide" + (half == all ? "" : " half of them, \(all) all"))
    }
    let outOfReach = unsure.filter { $0.chunksNeeded == nil }
    say(
      "Cannot tell yet for", outOfReach.filter { $0.low != nil },
      "so near the limit that no reasonable number of chunks would decide")
    say(
      "Cannot tell yet for", outOfReach.filter { $0.low == nil },
      chunks == 1
        ? "one chunk does not show how far a ratio may be off; measure 8 or more"
        : "without an error of the ratio nothing is sure")
    let undefined = layers.filter { $0.answer == nil }
    if !undefined.isEmpty {
      reasons.append(
        "Nothing follows for \(named(undefined.map(\.layer))): whatever is dropped, the loss is the "
          + "same, so there is no ratio.")
    }
    let otherwise = [Answer.skip, .compress].compactMap { answer -> String? in
      let members = layers.filter {
        $0.headsAnswer == answer && $0.answer != nil && $0.answer != answer
      }
      return members.isEmpty ? nil : "\(answer.words) for \(named(members.map(\.layer)))"
    }
    if !otherwise.isEmpty {
      reasons.append(
        "Query heads by themselves would say \(otherwise.joined(separator: " and ")); KV heads "
          + "decide, since a cache drops a position for all query heads of one.")
    }
    return reasons
  }

  /// `layer 3`, `layers 0-7, 9`.
  static func named(_ layers: [Int]) -> String {
    "\(layers.count == 1 ? "layer" : "layers") \(NumberRanges.text(layers))"
  }

  /// One layer's ratio with its interval, or the least and the greatest of several.
  private static func spelled(_ layers: [LayerAdvice]) -> String {
    let ratios = layers.compactMap(\.ratio)
    guard let least = ratios.min(), let most = ratios.max() else { return "no ratio" }
    if layers.count > 1 { return "ratios \(fixed(least)) to \(fixed(most))" }
    guard let low = layers[0].low, let high = layers[0].high else { return "ratio \(fixed(least))" }
    // An interval that ends just above 1 is to be seen to.
    return "ratio \(fixed(least)), 95 % interval \(fixed(low, 3)) to \(fixed(high, 3))"
  }

  private static func fixed(_ value: Double, _ decimals: Int = 2) -> String {
    String(format: "%.\(decimals)f", value)
  }
}
