import AttentionAnalysis

/// The reasons of a recommendation, layers that are skipped for the same one told together.
enum ReasonText {
  /// One line a group; the recommendation's own reasons where they are not the first rule's.
  static func grouped(_ result: AnalysisResult) -> [String] {
    let recommendation = result.recommendation
    let threshold = Recommendation.standoutThreshold(result.layers)
    let skipped = result.layers.filter(\.skip)
    guard recommendation.rule == Recommendation.ratioRule,
      recommendation.layers == skipped.map(\.layer), recommendation.reasons.count == skipped.count
    else { return recommendation.reasons }

    var groups: [(causes: [Recommendation.Cause], members: [Int])] = []
    for index in skipped.indices {
      let causes = Recommendation.causes(of: skipped[index], threshold: threshold)
      if causes.isEmpty { return recommendation.reasons }
      if let known = groups.firstIndex(where: { $0.causes == causes }) {
        groups[known].members.append(index)
      } else {
        groups.append((causes, [index]))
      }
    }
    return groups.map { group in
      if group.members.count == 1 { return recommendation.reasons[group.members[0]] }
      let ratios = group.members.compactMap { skipped[$0].alrRatio }
      let causes = group.causes.map { text($0, threshold: threshold) }.joined(separator: ", and ")
      return "Layers \(list(group.members.map { skipped[$0].layer })): \(causes) (ratios "
        + "\(fixed(ratios.min())) to \(fixed(ratios.max())))."
    }
  }

  private static func text(_ cause: Recommendation.Cause, threshold: Double?) -> String {
    switch cause {
    case .worseThanChance: "worse than chance, the lower 95 % bound is above 1"
    case .aboveOneWithoutInterval: "worse than chance, but one chunk gives no interval"
    case .standsOut: "above median + 3 * 1.4826 * MAD = \(fixed(threshold)) of all layers"
    }
  }

  private static func fixed(_ value: Double?) -> String {
    value.map { NumberText.fixed($0, decimals: 2) } ?? ""
  }

  /// Ascending numbers with three or more in a row as a range: `0-7, 9, 10`.
  static func list(_ layers: [Int]) -> String {
    var parts: [String] = []
    var start = 0
    while start < layers.count {
      var end = start
      while end + 1 < layers.count, layers[end + 1] == layers[end] + 1 { end += 1 }
      if end >= start + 2 {
        parts.append("\(layers[start])-\(layers[end])")
      } else {
        parts += layers[start...end].map(String.init)
      }
      start = end + 1
    }
    return parts.joined(separator: ", ")
  }
}
