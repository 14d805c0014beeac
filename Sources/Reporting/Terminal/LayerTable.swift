import Results

/// The measures of every layer as a table, and the recommendation in words.
public enum LayerTable {
  /// The table and what follows it, ending in a line break.
  ///
  /// Columns that a narrow terminal has no room for are left out, least important first: `n`,
  /// ALR / n, the interval, the errors, the bar.
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

  private static func table(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    let layers = result.layers
    guard !layers.isEmpty else { return ["no layers"] }
    let advice = layers.map { result.recommendation[layer: $0.layer] }
    let choices = columnChoices(result, advice, style: style)
    let answers = advice.map { $0?.answer?.words ?? "" }
    let longest = answers.map(\.count).max() ?? 0
    let markWidth = longest > 0 ? longest + 1 : 0
    let minimumBar = 11
    func width(_ columns: [Column]) -> Int {
      columns.reduce(0) { $0 + $1.width + 1 } + columns.count - 1
    }
    let room = style.usableWidth - markWidth
    let columns =
      choices.first { width($0) + 1 + minimumBar <= room } ?? choices.first { width($0) <= room }
      ?? choices.last.map { Array($0.prefix(1)) } ?? []
    let barRoom = room - width(columns) - 1
    let barWidth = barRoom >= minimumBar ? min(barRoom, 41) : 0

    var lines: [String] = []
    var header = columns.map { TerminalText.padded($0.title, width: $0.width) }.joined(
      separator: "  ")
    if barWidth > 0 { header += "  " + barTitle(width: barWidth, style: style) }
    lines.append(
      ANSI.dim(TerminalText.fitted(header, width: style.usableWidth, style: style), style: style))
    for (index, row) in advice.enumerated() {
      var line = columns.map { TerminalText.padded($0.cells[index], width: $0.width) }
        .joined(separator: "  ")
      if barWidth > 0 { line += "  " + bar(row, width: barWidth, style: style) }
      if let answer = row?.answer {
        let left = style.usableWidth - TerminalText.columns(line) - 1
        let words = TerminalText.fitted(answer.words, width: left, style: style)
        line += " " + marked(words, answer, style: style)
      }
      lines.append(line)
    }
    return lines + notes(result, style: style)
  }

  /// The sets of columns, widest first.
  private static func columnChoices(
    _ result: AnalysisResult, _ advice: [LayerAdvice?], style: TerminalStyle
  ) -> [[Column]] {
    let layers = result.layers
    let plusMinus = style.unicode ? "±" : "+-"
    let missing = style.unicode ? "–" : "-"
    func texts(_ values: [Double?], decimals: Int) -> [String] {
      values.map { value in
        guard let value, value.isFinite else { return missing }
        return NumberText.fixed(value, decimals: decimals)
      }
    }
    func errors(_ values: [Double?], decimals: Int) -> [String] {
      zip(values, texts(values, decimals: decimals)).map { value, text in
        value?.isFinite == true ? plusMinus + text : ""
      }
    }
    let greatest = layers.compactMap(\.alr).filter(\.isFinite).max() ?? 0
    let decimals = greatest >= 100 ? 1 : greatest >= 10 ? 2 : 3
    let layer = Column(title: "layer", cells: layers.map { "\($0.layer)" })
    let candidates = Column(title: "n", cells: layers.map { "\($0.n)" })
    let alr = Column(title: "ALR", cells: texts(layers.map(\.alr), decimals: decimals))
    let alrError = Column(
      title: "\(plusMinus)se", cells: errors(layers.map(\.alrSE), decimals: decimals))
    let normalized = Column(
      title: "ALR/n", cells: texts(layers.map(\.alrNormalized), decimals: 4))
    let ratio = Column(title: "ratio", cells: texts(layers.map(\.alrRatio), decimals: 3))
    let ratioError = Column(
      title: "\(plusMinus)se", cells: errors(layers.map(\.alrRatioSE), decimals: 3))
    let deciding = Column(
      title: "KV ratio", cells: texts(advice.map(\.?.ratio), decimals: 3))
    let (lows, highs) = (
      texts(advice.map(\.?.low), decimals: 3), texts(advice.map(\.?.high), decimals: 3)
    )
    let interval = Column(
      title: "95 %",
      cells: zip(lows, highs).map {
        $0 == missing ? missing : "\($0)\(style.unicode ? "–" : "-")\($1)"
      })

    // Where each query head has a KV head of its own, both ratios are one.
    let decides = decidesByKVHeads(result) ? [deciding] : []
    let basics = [layer, alr, alrError, normalized, ratio, ratioError] + decides + [interval]
    let hasWindows = Set(layers.map(\.n)).count > 1
    return (hasWindows ? [[layer, candidates] + basics.dropFirst()] : []) + [
      basics,
      [layer, alr, alrError, ratio, ratioError] + decides + [interval],
      [layer, alr, alrError, ratio, ratioError] + decides,
      [layer, alr, ratio] + decides,
      [layer] + (decides.isEmpty ? [ratio] : decides),
    ]
  }

  private static func decidesByKVHeads(_ result: AnalysisResult) -> Bool {
    result.model.heads != result.model.kvHeads
  }

  private static func notes(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    guard decidesByKVHeads(result),
      result.recommendation.layers.contains(where: { $0.answer != nil })
    else { return [] }
    return TerminalText.wrapped(
      "KV ratio decides: a cache drops a position for all query heads of a KV head.",
      width: style.usableWidth, indent: 2, style: style
    ).map { ANSI.dim($0, style: style) }
  }

  private static func marked(_ text: String, _ answer: Answer, style: TerminalStyle) -> String {
    switch answer {
    case .skip: ANSI.colored(text, Theme.dark.warning, style: style)
    case .compress: text
    case .unsure: ANSI.dim(text, style: style)
    }
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

  /// The ratio that decides on a scale from 0 to 2 with chance marked in the middle.
  private static func bar(_ row: LayerAdvice?, width: Int, style: TerminalStyle) -> String {
    let middle = (width - 1) / 2
    let (full, empty, chance): (Character, Character, Character) =
      style.unicode ? ("█", "·", "│") : ("#", ".", "|")
    guard let ratio = row?.ratio, ratio.isFinite else {
      return TerminalText.padded("no value", width: width, isLeading: false)
    }
    let filled = Int((min(max(ratio, 0), 2) / 2 * Double(width)).rounded())
    let tail = (filled..<max(width, filled)).map { $0 == middle ? chance : empty }
    let color =
      switch row?.answer {
      case .skip: Theme.dark.warning
      case .unsure: Theme.dark.mutedInk
      case .compress, nil: Theme.dark.accent
      }
    return ANSI.colored(String(repeating: full, count: filled), color, style: style)
      + ANSI.dim(String(tail), style: style)
  }

  // MARK: Recommendation

  /// The recommendation in words.
  static func recommendation(_ result: AnalysisResult, style: TerminalStyle) -> [String] {
    let width = style.usableWidth
    var lines = TerminalText.wrapped(
      TerminalText.clean(ResultCaption.advice(result), style: style), width: width, indent: 2,
      style: style
    ).map { ANSI.bold($0, style: style) }
    let reasons = result.recommendation.reasons
    for reason in reasons.prefix(64) {
      lines += TerminalText.wrapped(
        "- " + TerminalText.clean(reason, style: style), width: width, indent: 2, style: style)
    }
    if reasons.count > 64 {
      lines.append("- and \(reasons.count - 64) more")
    }
    return lines
  }
}
