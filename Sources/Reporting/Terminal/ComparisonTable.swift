import Results

/// Settings against one another as a table for a terminal: a row a comparison.
enum ComparisonTable {
  /// Empty where nothing is compared.
  static func lines(
    _ evaluation: Evaluation, _ names: SettingNames, style: TerminalStyle
  ) -> [String] {
    let rows = evaluation.comparisons
    guard let chunks = rows.map(\.chunks).max() else { return [] }
    func wrapped(_ words: String) -> [String] {
      TerminalText.wrapped(
        TerminalText.clean(words, style: style), width: style.usableWidth, indent: 2, style: style)
    }
    let kept = kept(evaluation, names)
    var heading = "Difference of NLL behind the compression, nats a token"
    if chunks > 1 { heading += ", with 95 % intervals over \(chunks) chunks" }
    return [""] + wrapped(heading).map { ANSI.bold($0, style: style) }
      + (kept.isEmpty ? [] : wrapped(kept)).map { ANSI.dim($0, style: style) } + [""]
      + table(rows, names, style: style)
  }

  private static func kept(_ evaluation: Evaluation, _ names: SettingNames) -> String {
    let shares = evaluation.keptShares.map {
      "\(NumberText.fixed($0.percent, decimals: 2)) % (\(names.names[$0.setting]))"
    }
    return shares.isEmpty ? "" : "Positions kept: \(shares.joined(separator: ", "))"
  }

  private static func table(
    _ rows: [Evaluation.Comparison], _ names: SettingNames, style: TerminalStyle
  ) -> [String] {
    let format = NumberFormat(for: rows.compactMap(\.mean), figures: 3)
    let missing = style.unicode ? "–" : "-"
    func text(_ value: Double?) -> String { value == nil ? missing : format.text(value) }
    let numbers: [[String]] =
      [["difference", "95 %", style.unicode ? "perplexity ×" : "perplexity x"]]
      + rows.map { row in
        [
          text(row.mean),
          row.low == nil || row.high == nil ? missing : "\(text(row.low)) to \(text(row.high))",
          row.perplexityRatio == nil ? missing : NumberFormat.fixed(4).text(row.perplexityRatio),
        ]
      }
    let widths = (0..<3).map { column in
      numbers.map { TerminalText.columns($0[column]) }.max() ?? 0
    }
    let labels =
      [["setting", "against"]]
      + rows.map { row in
        [row.setting, row.against].map { TerminalText.clean(names.names[$0], style: style) }
      }
    let room = max(24, style.usableWidth - widths.reduce(0) { $0 + $1 + 2 } - 2)
    var longest = (0..<2).map { column in
      labels.map { TerminalText.columns($0[column]) }.max() ?? 0
    }
    if longest[0] + longest[1] > room {
      // The shorter of both columns keeps its names where half the room holds them.
      let shorter = min(longest[0], longest[1], room / 2)
      longest = longest[0] <= longest[1] ? [shorter, room - shorter] : [room - shorter, shorter]
    }
    return zip(labels, numbers).enumerated().map { index, row in
      let named = zip(row.0, longest).map {
        TerminalText.padded(
          TerminalText.fitted($0, width: $1, style: style), width: $1, isLeading: false)
      }
      let line = TerminalText.fitted(
        (named + zip(row.1, widths).map { TerminalText.padded($0, width: $1) })
          .joined(separator: "  "), width: style.usableWidth, style: style)
      return index == 0 ? ANSI.dim(line, style: style) : line
    }
  }
}
