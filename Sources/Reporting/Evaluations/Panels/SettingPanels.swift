import Results

/// Settings dealt out to panels of lines, so that no panel has more than can be told apart.
///
/// A few settings share one panel. More are dealt out by what they differ in: by family, where a
/// line is how much stays, or the other way round, whichever needs fewer panels. What is not
/// compressed is in all of them.
struct SettingPanels {
  struct Panel: Equatable {
    /// Empty where there is but one.
    var title: String
    /// Indices of settings; what is not compressed comes first.
    var settings: [Int]
  }

  static let mostLinesOfOne = 8
  static let mostLines = 12
  static let mostPanels = 24

  private(set) var panels: [Panel]
  private(set) var legend: [(name: String, stroke: Stroke)]
  /// By setting; `nil` where it is left out.
  private(set) var strokes: [Stroke?]

  init(_ settings: [EvaluationSetting], names: SettingNames) {
    let references = Array(settings.indices.filter { settings[$0].policy == nil }.prefix(1))
    let compressed = settings.indices.filter { settings[$0].policy != nil }
    strokes = settings.map { _ in nil }
    legend = references.map { (names.names[$0], LineStyles.reference) }
    if settings.count <= Self.mostLinesOfOne {
      panels = [Panel(title: "", settings: references + compressed)]
      for (index, setting) in compressed.enumerated() {
        strokes[setting] = LineStyles.stroke(index)
        legend.append((names.names[setting], LineStyles.stroke(index)))
      }
    } else {
      let ways = [(names.families, names.amounts), (names.amounts, names.families)].map {
        titles, lines in
        (
          panels: Self.groups(compressed, by: titles), lines: lines,
          most: Self.groups(compressed, by: titles).map(\.settings.count).max() ?? 0
        )
      }
      let fitting = ways.filter { $0.most <= Self.mostLines }
      let way = fitting.min { $0.panels.count < $1.panels.count } ?? ways[0]
      panels = way.panels.prefix(Self.mostPanels).map { panel in
        Panel(
          title: panel.title, settings: references + panel.settings.prefix(Self.mostLines))
      }
      let shown = panels.flatMap(\.settings).filter { settings[$0].policy != nil }
      for line in Self.groups(shown, by: way.lines) {
        let stroke = LineStyles.stroke(legend.count - references.count)
        legend.append((line.title, stroke))
        for setting in line.settings { strokes[setting] = stroke }
      }
    }
    for setting in references { strokes[setting] = LineStyles.reference }
  }

  private static func groups(_ settings: [Int], by titles: [String]) -> [Panel] {
    var groups: [Panel] = []
    var places: [String: Int] = [:]
    for setting in settings {
      if let place = places[titles[setting]] {
        groups[place].settings.append(setting)
      } else {
        places[titles[setting]] = groups.count
        groups.append(Panel(title: titles[setting], settings: [setting]))
      }
    }
    return groups
  }

  /// What has no line, for the caption.
  var omission: String? {
    EvaluationCaption.omission(
      shown: strokes.count { $0 != nil }, of: strokes.count, "setting")
  }

  var legendEntries: [LegendEntry] {
    // No entry is wider than a narrow figure.
    legend.map { name, stroke in
      LegendEntry(
        sign: .line(stroke),
        text: TextMetrics.fitted(name, size: FigureStyle.captionSize, width: 330))
    }
  }
}
