import Results

/// The formats that a table can be written in.
public enum TableFormat: String, Sendable, CaseIterable {
  /// For pages: a pipe table under its caption.
  case markdown = "md"
  /// For papers: a floating table that asks for the package `booktabs`.
  case latex = "tex"
  /// For programs: RFC 4180, every digit, errors in columns of their own.
  case csv

  /// The whole text, ending in a line break. Deterministic, and of any names safe to include.
  public func text(_ table: ReportTable) -> String {
    switch self {
    case .markdown: MarkdownTable.text(table)
    case .latex: LaTeXTable.text(table)
    case .csv: CSVTable.text(table)
    }
  }
}

private enum MarkdownTable {
  static func text(_ table: ReportTable) -> String {
    let cells = table.columns.map { column in
      [escaped(column.title)]
        + column.cells.map { cell -> String in
          switch cell {
          case .integer(let value): return value.map { "\($0)" } ?? ""
          case .answer(let answer): return answer?.words ?? ""
          case .measure(let value, let error):
            let number = column.format.text(value)
            guard value?.isFinite == true, let error, error.isFinite else { return number }
            return "\(number) ± \(column.format.text(error))"
          }
        }
    }
    let widths = cells.map { $0.map(\.count).max() ?? 0 }
    func line(_ row: Int) -> String {
      let padded = zip(cells, widths).map { column, width in
        String(repeating: " ", count: width - column[row].count) + column[row]
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = widths.map { String(repeating: "-", count: max($0 - 1, 2)) + ":" }
    let caption = table.captionParts.map(escaped).joined(separator: " · ")
    return "**\(escaped(table.title))**: \(caption)\n\n" + line(0)
      + "| " + rule.joined(separator: " | ") + " |\n"
      + (1..<(table.rowCount + 1)).map(line).joined()
  }

  /// No character of `text` is taken for markup.
  static func escaped(_ text: String) -> String {
    var output = ""
    for character in LabelText.visible(text) {
      switch character {
      case "\\", "`", "*", "_", "{", "}", "[", "]", "#", "|", "~", "$": output += "\\\(character)"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "&": output += "&amp;"
      default: output.append(character)
      }
    }
    return output
  }
}

private enum LaTeXTable {
  static func text(_ table: ReportTable) -> String {
    let header = table.columns.map { escaped($0.title) }.joined(separator: " & ")
    let rows = (0..<table.rowCount).map { row in
      table.columns.map { cell($0.cells[row], $0.format) }.joined(separator: " & ") + " \\\\\n"
    }
    let caption = ([table.title + "."] + table.captionParts).map(escaped)
    let name = table.title.lowercased().map { $0 == " " ? "-" : $0 }
    return """
      \\begin{table}
      \\centering
      \\caption{\(caption[0]) \(caption.dropFirst().joined(separator: ", ")).}
      \\label{tab:alr-\(String(name))}
      \\begin{tabular}{\(String(repeating: "r", count: table.columns.count))}
      \\toprule
      \(header) \\\\
      \\midrule
      \(rows.joined())\\bottomrule
      \\end{tabular}
      \\end{table}

      """
  }

  private static func cell(_ cell: ReportTable.Cell, _ format: NumberFormat) -> String {
    switch cell {
    case .integer(let value): return value.map { "\($0)" } ?? ""
    case .answer(let answer): return answer?.words ?? ""
    case .measure(let value, let error):
      guard let value, value.isFinite else { return "--" }
      guard let error, error.isFinite else { return "$\(number(value, format))$" }
      return "$\(number(value, format)) \\pm \(number(error, format))$"
    }
  }

  /// `1.25e-7` as a product.
  private static func number(_ value: Double, _ format: NumberFormat) -> String {
    let parts = format.text(value).split(separator: "e")
    return parts.count == 2 ? "\(parts[0]) \\times 10^{\(parts[1])}" : format.text(value)
  }

  /// No character of `text` is taken for a command; letters of other scripts stay as they are,
  /// which XeLaTeX and LuaLaTeX set.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in LabelText.visible(text).unicodeScalars {
      switch scalar {
      case "\\": output += "\\textbackslash{}"
      case "{", "}", "$", "&", "#", "%", "_": output += "\\\(scalar)"
      case "^": output += "\\textasciicircum{}"
      case "~": output += "\\textasciitilde{}"
      case "<": output += "\\textless{}"
      case ">": output += "\\textgreater{}"
      case "|": output += "\\textbar{}"
      case "\"": output += "\\textquotedbl{}"
      case "·": output += "\\textperiodcentered{}"
      case "×": output += "$\\times$"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

private enum CSVTable {
  static func text(_ table: ReportTable) -> String {
    let header = table.columns.flatMap { [$0.key] + ($0.errorKey.map { [$0] } ?? []) }
    let rows = (0..<table.rowCount).map { row in
      table.columns.flatMap { column -> [String] in
        switch column.cells[row] {
        case .integer(let value): return [value.map { "\($0)" } ?? ""]
        case .answer(let answer): return [answer?.rawValue ?? ""]
        case .measure(let value, let error):
          return [number(value)] + (column.errorKey == nil ? [] : [number(error)])
        }
      }
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return "\(value)"
  }
}
