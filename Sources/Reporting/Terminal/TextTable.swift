/// Columns of text laid side by side, right-aligned but for the first.
struct TextTable {
  struct Column {
    var title: String
    var cells: [String]

    var width: Int { ([title] + cells).map(TerminalText.columns).max() ?? 0 }
  }

  var columns: [Column]

  /// Columns that a line takes.
  var width: Int { columns.reduce(0) { $0 + $1.width } + 2 * max(0, columns.count - 1) }

  /// The head and a line a row.
  func lines(style: TerminalStyle) -> [String] {
    func line(_ cells: [String]) -> String {
      let text = zip(cells, columns).enumerated().map { index, cell in
        TerminalText.padded(cell.0, width: cell.1.width, isLeading: index > 0)
      }.joined(separator: "  ")
      return TerminalText.fitted(
        String(text.reversed().drop { $0 == " " }.reversed()), width: style.usableWidth,
        style: style)
    }
    let rows = columns.first?.cells.indices ?? 0..<0
    return [ANSI.dim(line(columns.map(\.title)), style: style)]
      + rows.map { row in line(columns.map { $0.cells[row] }) }
  }

  /// Numbers that share their decimals; a dash for what is undefined.
  static func numbers(
    _ title: String, _ values: [Double?], decimals: Int, style: TerminalStyle
  ) -> Column {
    Column(
      title: title,
      cells: values.map { value in
        guard let value, value.isFinite else { return style.unicode ? "–" : "-" }
        return NumberText.fixed(value, decimals: decimals)
      })
  }

  /// Errors beside them; nothing for what has none.
  static func errors(_ values: [Double?], decimals: Int, style: TerminalStyle) -> Column {
    let sign = style.unicode ? "±" : "+-"
    return Column(
      title: "\(sign)se",
      cells: values.map { value in
        guard let value, value.isFinite else { return "" }
        return sign + NumberText.fixed(value, decimals: decimals)
      })
  }
}
