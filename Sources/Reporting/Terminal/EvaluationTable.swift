import Results

/// The scores of an evaluation as a table: a row a setting.
public enum EvaluationTable {
  /// The table and what explains it, ending in a line break.
  ///
  /// For language modelling a column a score, with standard errors; for tasks the mean over all
  /// cells, then a column a length, subset or task. Names of columns go on in further tables where
  /// a line does not hold them all; of lengths as many are shown as a line holds, evenly chosen.
  public static func render(_ evaluation: Evaluation, style: TerminalStyle) -> String {
    let names = SettingNames(evaluation.settings)
    var lines = heading(evaluation, style: style)
    if let shared = names.sharedWords {
      lines += TerminalText.wrapped(
        TerminalText.clean("\(shared)", style: style), width: style.usableWidth, indent: 2,
        style: style
      ).map { ANSI.dim($0, style: style) }
    }
    lines.append("")
    if let sensitivity = LayerSensitivity(evaluation) {
      lines += LayerSensitivityTable.lines(sensitivity, style: style)
      return lines.joined(separator: "\n") + "\n"
    }
    lines +=
      evaluation.kind.place.map { tasks(evaluation, names, place: $0, style: style) }
      ?? scores(evaluation, names, style: style)
    lines += ComparisonTable.lines(evaluation, names, style: style)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func heading(_ evaluation: Evaluation, style: TerminalStyle) -> [String] {
    let separator = style.unicode ? " · " : ", "
    let width = style.usableWidth
    var lines: [String] = []
    let parts = [evaluation.kind.title] + EvaluationCaption.parts(evaluation)
    for part in parts.map({ TerminalText.clean($0, style: style) }) {
      if let last = lines.last, TerminalText.columns(last + separator + part) <= width {
        lines[lines.count - 1] = last + separator + part
      } else {
        lines += TerminalText.wrapped(part, width: width, indent: 2, style: style)
      }
    }
    return lines.map { ANSI.bold($0, style: style) }
  }

  // MARK: Columns

  private struct Column {
    var title: String
    var cells: [String]

    var width: Int { ([title] + cells).map(TerminalText.columns).max() ?? 0 }
  }

  private static func width(_ columns: some Sequence<Column>) -> Int {
    columns.reduce(0) { $0 + $1.width + 2 }
  }

  /// A column of numbers that share their decimals; errors, where there are any, in one beside it.
  private static func columns(
    _ title: String, _ values: [ScoreMean], hasErrors: Bool, figures: Int = 3,
    style: TerminalStyle
  ) -> [Column] {
    let format = NumberFormat(for: values.compactMap(\.mean), figures: figures)
    let missing = style.unicode ? "–" : "-"
    let sign = style.unicode ? "±" : "+-"
    var columns = [
      Column(
        title: TerminalText.clean(title, style: style),
        cells: values.map { $0.mean == nil ? missing : format.text($0.mean) })
    ]
    if hasErrors, values.contains(where: { $0.error != nil }) {
      columns.append(
        Column(
          title: "\(sign)se",
          cells: values.map { $0.error == nil ? "" : "\(sign)\(format.text($0.error))" }))
    }
    return columns
  }

  /// Settings at the left, as wide as `room` allows, then the columns.
  private static func table(
    _ names: SettingNames, _ columns: [Column], style: TerminalStyle
  ) -> [String] {
    let cleaned = names.names.map { TerminalText.clean($0, style: style) }
    let longest = ([settingTitle] + cleaned).map(TerminalText.columns).max() ?? 0
    let nameWidth = min(longest, max(style.usableWidth - width(columns), leastNameWidth))
    func line(_ name: String, _ cells: [String]) -> String {
      let name = TerminalText.padded(
        TerminalText.fitted(name, width: nameWidth, style: style), width: nameWidth,
        isLeading: false)
      return ([name] + zip(cells, columns).map { TerminalText.padded($0, width: $1.width) })
        .joined(separator: "  ")
    }
    let head = TerminalText.fitted(
      line(settingTitle, columns.map(\.title)), width: style.usableWidth, style: style)
    return [ANSI.dim(head, style: style)]
      + cleaned.enumerated().map { index, name in
        TerminalText.fitted(
          line(name, columns.map { $0.cells[index] }), width: style.usableWidth, style: style)
      }
  }

  private static let settingTitle = "setting"
  /// Names are cut before numbers are left out, but not to less than this.
  private static let leastNameWidth = 16

  private static func room(_ style: TerminalStyle, _ names: SettingNames) -> Int {
    let longest = names.names.map { TerminalText.columns($0) }.max() ?? 0
    // Half a line at most, so that cutting names buys columns.
    return style.usableWidth - min(max(longest, settingTitle.count), style.usableWidth / 2)
  }

  // MARK: Kinds

  private static func scores(
    _ evaluation: Evaluation, _ names: SettingNames, style: TerminalStyle
  ) -> [String] {
    let cells = ScoreCells(evaluation)
    // The mean loss says what perplexity does: it is the first to go.
    var scores = evaluation.scoreNames.filter { $0 != "nll" }
    if scores.count < evaluation.scoreNames.count { scores.append("nll") }
    func columns(_ name: String, hasErrors: Bool) -> [Column] {
      // Sizes of caches differ by no more than where a chunk ends between two prunings.
      let isSize = name == "cache_positions"
      return self.columns(
        Evaluation.title(ofScore: name),
        evaluation.settings.indices.map { cells.mean(name, setting: $0) },
        hasErrors: hasErrors && !isSize, figures: 4, style: style)
    }
    let room = room(style, names)
    for hasErrors in [true, false] {
      for count in stride(from: scores.count, through: 1, by: -1) {
        let chosen = scores.prefix(count).flatMap { columns($0, hasErrors: hasErrors) }
        if width(chosen) <= room, hasErrors || count < scores.count || scores.count == 1 {
          return table(names, chosen, style: style)
        }
      }
    }
    return table(
      names, scores.prefix(1).flatMap { columns($0, hasErrors: false) }, style: style)
  }

  private static func tasks(
    _ evaluation: Evaluation, _ names: SettingNames, place: String, style: TerminalStyle
  ) -> [String] {
    let cells = ScoreCells(evaluation)
    let score = evaluation.kind.score
    let settings = evaluation.settings.indices
    let mean = columns(
      "mean", settings.map { cells.mean(score, setting: $0) }, hasErrors: true, style: style)
    let places = evaluation.places(place)
    let others = places.map { value in
      columns(
        value.text, settings.map { cells.mean(score, setting: $0, at: [(place, value)]) },
        hasErrors: false, style: style)[0]
    }
    guard others.count > 1 else {
      return [caption(evaluation, place, style: style)].compactMap { $0 }
        + table(names, mean, style: style)
    }
    let room = room(style, names)
    let isNumbers = places.allSatisfy { $0.number != nil }
    var lines = [caption(evaluation, place, style: style)].compactMap { $0 }
    if isNumbers {
      let (kept, note) = thinned(others, of: place, room: room - width(mean))
      lines += table(names, mean + kept, style: style)
      if let note {
        lines.append(
          ANSI.dim(TerminalText.fitted(note, width: style.usableWidth, style: style), style: style))
      }
      return lines
    }
    var blocks = [mean]
    for column in others {
      let last = blocks[blocks.count - 1]
      if width(last + [column]) <= room {
        blocks[blocks.count - 1].append(column)
      } else {
        blocks.append([column])
      }
    }
    for (index, block) in blocks.enumerated() {
      if index > 0 { lines.append("") }
      lines += table(names, block, style: style)
    }
    return lines
  }

  /// What the columns are.
  private static func caption(
    _ evaluation: Evaluation, _ place: String, style: TerminalStyle
  ) -> String? {
    let others = (evaluation.cells.first?.coordinates.map(\.name) ?? []).filter { $0 != place }
    var words = "\(evaluation.kind.scoreTitle) by \(place)"
    if !others.isEmpty { words += ", mean over \(others.map { "\($0)s" }.joined(separator: ", "))" }
    return ANSI.dim(
      TerminalText.fitted(
        TerminalText.clean(words, style: style), width: style.usableWidth, style: style),
      style: style)
  }

  /// As many columns as `room` holds, evenly chosen with the last among them, and what is left out.
  private static func thinned(
    _ columns: [Column], of place: String, room: Int
  ) -> (kept: [Column], note: String?) {
    if width(columns) <= room { return (columns, nil) }
    for count in stride(from: columns.count - 1, through: 1, by: -1) {
      let kept = (1...count).map { columns[$0 * columns.count / count - 1] }
      if width(kept) <= room || count == 1 {
        return (kept, "\(count) of \(columns.count) \(place)s; the CSV file has all")
      }
    }
    return ([], nil)
  }
}
