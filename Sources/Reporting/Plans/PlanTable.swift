import Results

/// Plans at equal memory as a table for a terminal.
public enum PlanTable {
  /// A block for every share of `saves`, a row a rule; the chosen rule is marked.
  public static func render(
    _ frontier: PlanFrontier, saving saves: [Double], style: TerminalStyle
  ) -> String {
    let objectives: [(objective: PlanObjective, title: String)] = [
      (.attentionLoss, "loss"), (.outputError, "error"), (.sensitivity, "rise"),
    ].filter { column in frontier.entries.contains { $0.predicted[column.0] != nil } }
    var lines = [
      ANSI.bold(
        TerminalText.fitted(
          TerminalText.clean("Plans for \(frontier.model.name)", style: style),
          width: style.usableWidth, style: style), style: style),
      ANSI.dim(
        "predicted on the chunks that plans were made on, and on the others", style: style),
    ]
    for saved in saves {
      let entries = frontier.entries.filter { $0.saved == saved }
      lines += [
        "",
        "\(NumberText.fixed(100 * saved, decimals: 1)) % of the cache saved",
      ]
      var rows = [["  rule"] + objectives.flatMap { [$0.title, "others"] }]
      for entry in entries {
        func text(_ value: Double?) -> String {
          value.map { NumberText.fixed($0, decimals: 4) } ?? (style.unicode ? "–" : "-")
        }
        rows.append(
          [(entry.isChosen ? "* " : "  ") + entry.rule]
            + objectives.flatMap { column in
              let cost = entry.predicted[column.objective]
              return [text(cost?.madeOn), text(cost?.others)]
            })
      }
      let widths = rows[0].indices.map { column in
        rows.map { TerminalText.columns($0[column]) }.max() ?? 0
      }
      for (index, row) in rows.enumerated() {
        let cells = row.enumerated().map {
          TerminalText.padded($0.element, width: widths[$0.offset], isLeading: $0.offset > 0)
        }
        let line = TerminalText.fitted(
          cells.joined(separator: "  "), width: style.usableWidth, style: style)
        lines.append(index == 0 ? ANSI.dim(line, style: style) : line)
      }
    }
    return lines.joined(separator: "\n")
  }
}
