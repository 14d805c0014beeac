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
    let room = max(16, style.usableWidth - widths.reduce(0) { $0 + $1 + 2 })
    let longest = rows.map { TerminalText.columns(names.names[$0.setting]) + 2 }.max() ?? 0
    let nameWidth = min(room, max(longest, 16))
    func line(_ name: String, _ numbers: [String]) -> String {
      let name = TerminalText.fitted(
        TerminalText.clean(name, style: style), width: nameWidth, style: style)
      return TerminalText.fitted(
        ([TerminalText.padded(name, width: nameWidth, isLeading: false)]
          + zip(numbers, widths).map { TerminalText.padded($0, width: $1) })
          .joined(separator: "  "), width: style.usableWidth, style: style)
    }
    // What others are compared with heads them.
    let order = rows.map(\.against).reduce(into: [Int]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return [ANSI.dim(line("setting", numbers[0]), style: style)]
      + order.flatMap { against in
        [
          TerminalText.fitted(
            TerminalText.clean("against \(names.names[against])", style: style),
            width: style.usableWidth, style: style)
        ]
          + rows.indices.filter { rows[$0].against == against }.map {
            line("  \(names.names[rows[$0].setting])", numbers[$0 + 1])
          }
      }
  }
}
