import Results

/// Bars of a score, a row a setting, and a panel each of the places called `place`.
struct SettingBars {
  var title: String
  var score: String
  var axisLabel: String
  /// Where the axis ends; `nil` for where the values do.
  var limit: Double?
  /// `nil` for one panel with the mean over all cells.
  var place: String?

  func scene(_ evaluation: Evaluation) -> Scene {
    let cells = ScoreCells(evaluation)
    let names = SettingNames(evaluation.settings)
    let places = place.map { place in evaluation.places(place).map { (place, $0) } }
    let panels =
      places?.map { name, value in
        BarTable.Panel(
          title: value.text,
          values: evaluation.settings.indices.map {
            cells.mean(score, setting: $0, at: [(name, value)])
          })
      } ?? [
        BarTable.Panel(
          title: "", values: evaluation.settings.indices.map { cells.mean(score, setting: $0) }
        )
      ]
    let values = panels.flatMap(\.values)
    let hasErrors = values.contains { $0.error != nil }
    let greatest = values.compactMap { value in value.mean.map { $0 + (value.error ?? 0) } }.max()
    return BarTable(
      header: FigureHeader(
        title: title,
        captionParts: EvaluationCaption.parts(evaluation) + [
          names.sharedWords ?? "", hasErrors ? "± 1 standard error" : "",
          EvaluationCaption.omission(
            shown: min(names.names.count, BarTable.mostRows), of: names.names.count, "setting")
            ?? "",
          EvaluationCaption.omission(
            shown: min(panels.count, BarTable.mostPanels), of: panels.count, place ?? "panel")
            ?? "",
        ]),
      summary: summary(panels, names),
      rows: zip(names.names, evaluation.settings).map {
        BarTable.Row(name: $0, isReference: $1.policy == nil)
      },
      panels: panels, axisLabel: axisLabel,
      limit: limit ?? Ticks.roundedUp(min(max(greatest ?? 1, 1e-6), 1e9))
    ).scene()
  }

  private func summary(_ panels: [BarTable.Panel], _ names: SettingNames) -> String {
    let texts = panels.prefix(8).map { panel -> String in
      let values = zip(names.names, panel.values).prefix(12).map { name, value in
        "\(name) \(NumberText.significant(value.mean))"
      }
      return (panel.title.isEmpty ? "" : "\(panel.title): ") + values.joined(separator: "; ")
    }
    return "\(axisLabel) by setting. \(texts.joined(separator: ". "))."
  }
}
