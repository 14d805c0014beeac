import AttentionAnalysis

/// The measures of every layer as a table, and the recommendation in words.
public enum LayerTable {
  /// The table and what follows it, ending in a line break.
  ///
  /// Columns that a narrow terminal has no room for are left out, least important first: `n`,
  /// ALR / n, the errors, the bar.
  public static func render(_ result: AnalysisResult, style: TerminalStyle) -> String {
    var lines = heading(result, style: style)
    lines.append("")
    lines += table(result, style: style)
    lines.append("")
    lines += recommendation(result, style: style)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Broken between the parts where they do not fit on one line.
  private static func heading(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    let separator = style.unicode ? " · " : ", "
    let width = style.usableWidth
    var lines: [String] = []
    for part in ResultCaption.parts(result).map({ TerminalText.clean($0, style: style) }) {
      if let last = lines.last, TerminalText.columns(last + separator + part) <= width {
        lines[lines.count - 1] = last + separator + part
      } else {
        lines += TerminalText.wrapped(part, width: width, indent: 2, style: style)
      }
    }
    return lines.map { ANSI.bold($0, style: style) }
  }

  // MARK: Table

  private struct Column {
    var title: String
    var cells: [String]

    var width: Int {
      ([title] + cells).map(TerminalText.columns).max() ?? 0
    }
  }

  private static let skipText = "skip"

  private static func table(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    let layers = result.layers
    guard !layers.isEmpty else { return ["no layers"] }
    let plusMinus = style.unicode ? "±" : "+-"
    func texts(_ value: (LayerResult) -> Double?, decimals: Int) -> [String] {
      layers.map { layer in
        guard let number = value(layer), number.isFinite else { return style.unicode ? "–" : "-" }
        return NumberText.fixed(number, decimals: decimals)
      }
    }
    func errors(_ value: (LayerResult) -> Double?, decimals: Int) -> [String] {
      layers.map { layer in
        guard let number = value(layer), number.isFinite else { return "" }
        return plusMinus + NumberText.fixed(number, decimals: decimals)
      }
    }
    let greatest = layers.compactMap(\.alr).filter(\.isFinite).max() ?? 0
    let decimals = greatest >= 100 ? 1 : greatest >= 10 ? 2 : 3
    let layer = Column(title: "layer", cells: layers.map { "\($0.layer)" })
    let candidates = Column(title: "n", cells: layers.map { "\($0.n)" })
    let alr = Column(title: "ALR", cells: texts(\.alr, decimals: decimals))
    let alrError = Column(title: "\(plusMinus)se", cells: errors(\.alrSE, decimals: decimals))
    let normalized = Column(title: "ALR/n", cells: texts(\.alrNormalized, decimals: 4))
    let ratio = Column(title: "ratio", cells: texts(\.alrRatio, decimals: 3))
    let ratioError = Column(title: "\(plusMinus)se", cells: errors(\.alrRatioSE, decimals: 3))

    let hasWindows = Set(layers.map(\.n)).count > 1
    let choices: [[Column]] = [
      hasWindows
        ? [layer, candidates, alr, alrError, normalized, ratio, ratioError]
        : [layer, alr, alrError, normalized, ratio, ratioError],
      [layer, alr, alrError, normalized, ratio, ratioError],
      [layer, alr, alrError, ratio, ratioError],
      [layer, alr, ratio],
    ]
    let markWidth = layers.contains(where: \.skip) ? skipText.count + 1 : 0
    let minimumBar = 11
    func width(_ columns: [Column]) -> Int {
      columns.reduce(0) { $0 + $1.width + 1 } + columns.count - 1
    }
    let room = style.usableWidth - markWidth
    let columns =
      choices.first { width($0) + 1 + minimumBar <= room } ?? choices.first { width($0) <= room }
      ?? [layer, ratio]
    let barRoom = room - width(columns) - 1
    let barWidth = barRoom >= minimumBar ? min(barRoom, 41) : 0

    var lines: [String] = []
    var header = columns.map { TerminalText.padded($0.title, width: $0.width) }.joined(
      separator: "  ")
    if barWidth > 0 { header += "  " + barTitle(width: barWidth, style: style) }
    lines.append(
      ANSI.dim(TerminalText.fitted(header, width: style.usableWidth, style: style), style: style))
    for (index, row) in layers.enumerated() {
      var line = columns.map { TerminalText.padded($0.cells[index], width: $0.width) }
        .joined(separator: "  ")
      if barWidth > 0 { line += "  " + bar(row, width: barWidth, style: style) }
      if row.skip { line += " " + ANSI.colored(skipText, Theme.dark.warning, style: style) }
      lines.append(line)
    }
    return lines
  }

  /// `0`, `1 chance` and `2` above the places of the bar that they mark.
  private static func barTitle(width: Int, style: TerminalStyle) -> String {
    var cells = [Character](repeating: " ", count: width)
    cells[0] = "0"
    let middle = (width - 1) / 2
    let text = Array(width >= 23 ? "1 chance" : "1")
    for (offset, character) in text.enumerated() where middle + offset < width {
      cells[middle + offset] = character
    }
    cells[width - 1] = "2"
    return String(cells)
  }

  /// A ratio on a scale from 0 to 2 with chance marked in the middle.
  private static func bar(_ row: LayerResult, width: Int, style: TerminalStyle) -> String {
    let middle = (width - 1) / 2
    let (full, empty, chance): (Character, Character, Character) =
      style.unicode ? ("█", "·", "│") : ("#", ".", "|")
    guard let ratio = row.alrRatio, ratio.isFinite else {
      return TerminalText.padded("no value", width: width, isLeading: false)
    }
    let filled = Int((min(max(ratio, 0), 2) / 2 * Double(width)).rounded())
    let tail = (filled..<max(width, filled)).map { $0 == middle ? chance : empty }
    let color = row.skip ? Theme.dark.warning : Theme.dark.accent
    return ANSI.colored(String(repeating: full, count: filled), color, style: style)
      + ANSI.dim(String(tail), style: style)
  }

  // MARK: Recommendation

  /// The recommendation in words, the same reason of several layers once.
  static func recommendation(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    let recommendation = result.recommendation
    let width = style.usableWidth
    var lines = TerminalText.wrapped(
      TerminalText.clean(ResultCaption.advice(result), style: style), width: width, indent: 0,
      style: style
    ).map { ANSI.bold($0, style: style) }
    let reasons = ReasonText.grouped(result)
    for reason in reasons.prefix(64) {
      lines += TerminalText.wrapped(
        "- " + TerminalText.clean(reason, style: style), width: width, indent: 2, style: style)
    }
    if reasons.count > 64 {
      lines.append("- and \(reasons.count - 64) more")
    }
    let rule = TerminalText.clean(recommendation.rule, style: style)
    if !rule.isEmpty {
      lines += TerminalText.wrapped("Rule: \(rule)", width: width, indent: 2, style: style)
        .map { ANSI.dim($0, style: style) }
    }
    return lines
  }
}
