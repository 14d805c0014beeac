import Results

/// Two runs side by side as a table: a row a layer, then all together, and what is left out.
public enum RunComparisonTable {
  /// The table and what explains it, ending in a line break.
  public static func render(_ comparison: RunComparison, style: TerminalStyle) -> String {
    let sides = [comparison.first, comparison.second]
    var lines = zip(["A", "B"], sides).flatMap { letter, side in
      wrapped("\(letter)  \(words(side))", style: style).map { ANSI.bold($0, style: style) }
    }
    lines.append("")
    lines += table(comparison, style: style) + [""]
    let errors =
      comparison.isPaired
      ? "Both read the same chunks: errors are of differences chunk by chunk."
      : "Errors are of two runs that have nothing to do with each other."
    lines += wrapped(errors, style: style)
    for (name, value) in [
      ("query heads", comparison.headsSpearman), ("KV heads", comparison.kvHeadsSpearman),
    ] {
      guard let value else { continue }
      lines += wrapped(
        "Rank correlation of the \(name)' ratios: \(NumberText.fixed(value, decimals: 3))",
        style: style)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func words(_ side: RunComparison.Side) -> String {
    "\(side.model.name), \(side.corpus.name), "
      + "\(EvaluationCaption.count(side.corpus.chunks, "chunk")) × "
      + "\(NumberText.grouped(side.corpus.chunkLength)), query \(side.protocolSummary.query), "
      + "\(side.protocolSummary.score), \(side.protocolSummary.precision)"
  }

  private static func table(_ comparison: RunComparison, style: TerminalStyle) -> [String] {
    let rows = comparison.layers + [comparison.overall]
    func numbers(_ title: String, _ value: (RunComparison.Difference) -> Double?)
      -> TextTable.Column
    {
      TextTable.numbers(title, rows.map(value), decimals: 3, style: style)
    }
    func errors(_ value: (RunComparison.Difference) -> Double?) -> TextTable.Column {
      TextTable.errors(rows.map(value), decimals: 3, style: style)
    }
    let layer = TextTable.Column(
      title: "layer", cells: rows.map { $0.layer.map { "\($0)" } ?? "all" })
    let first = numbers("A ratio") { $0.first }
    let second = numbers("B ratio") { $0.second }
    let difference = numbers("B - A") { $0.difference }
    let error = errors { $0.differenceSE }
    let choices = [
      [layer, first, errors { $0.firstSE }, second, errors { $0.secondSE }, difference, error],
      [layer, first, second, difference, error], [layer, difference],
    ].map(TextTable.init)
    return (choices.first { $0.width <= style.usableWidth } ?? choices[choices.count - 1])
      .lines(style: style)
  }

  private static func wrapped(_ text: String, style: TerminalStyle) -> [String] {
    TerminalText.wrapped(
      TerminalText.clean(text, style: style), width: style.usableWidth, indent: 2, style: style)
  }
}
