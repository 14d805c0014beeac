import Results

/// The ALR of every layer and head as a heatmap of characters.
///
/// With colours and block characters a line of text holds two layers, upper and lower half of
/// each character; otherwise a line is a layer.
public enum TerminalHeatmap {
  /// Shades from low to high where there are no colours.
  private static let ramp = Array(" .:-=+*#%@")

  /// The heatmap, its axis and its legend, ending in a line break; `nil` where the result has no
  /// heads to show.
  public static func render(
    _ result: AnalysisResult, style: TerminalStyle, colorMap: ColorMap = .viridis
  ) -> String? {
    let grid = HeadGrid(result, value: \.alr)
    guard grid.layers > 0, grid.heads > 0 else { return nil }
    let domain = ALRFigure.domain(of: grid.range)
    let labelWidth = max(5, "\(grid.layers - 1)".count)
    let layout = Layout(heads: grid.heads, room: style.usableWidth - labelWidth - 1)
    let cells = (0..<grid.layers).map { layer in
      (0..<layout.columns).map { layout.mean(of: grid, layer: layer, column: $0) }
    }
    let extent = domain.upperBound - domain.lowerBound
    func fraction(_ value: Double?) -> Double? {
      value.map { extent > 0 ? ($0 - domain.lowerBound) / extent : 0.5 }
    }
    let usesBlocks = style.color != .none && style.unicode

    var lines = [ANSI.bold("ALR by layer (down) and head (across)", style: style)]
    if TerminalText.columns(lines[0]) > style.usableWidth { lines = ["ALR"] }
    if usesBlocks {
      for upper in stride(from: 0, to: grid.layers, by: 2) {
        let below = upper + 1 < grid.layers ? cells[upper + 1] : nil
        let row = (0..<layout.columns).map { column in
          halfBlock(
            upper: fraction(cells[upper][column]).flatMap(colorMap.color(at:)),
            lower: fraction(below?[column]).flatMap(colorMap.color(at:)),
            count: layout.width, level: style.color)
        }
        lines.append(label("\(upper)", labelWidth) + row.joined() + ANSI.reset)
      }
    } else {
      for layer in 0..<grid.layers {
        let row = cells[layer].map { value in
          let text = String(repeating: shade(fraction(value)), count: layout.width)
          guard style.color != .none, let fraction = fraction(value),
            let color = colorMap.color(at: fraction)
          else { return text }
          let spaces = String(repeating: " ", count: layout.width)
          return ANSI.select(foreground: nil, background: color, level: style.color) + spaces
            + ANSI.reset
        }
        lines.append(label("\(layer)", labelWidth) + row.joined())
      }
    }
    lines.append(label("head", labelWidth) + axis(layout))
    lines += legend(
      domain: domain, grid: grid, layout: layout, style: style, colorMap: colorMap,
      indent: labelWidth + 1, usesBlocks: usesBlocks)
    return lines.joined(separator: "\n") + "\n"
  }

  /// How heads are laid into columns of characters.
  struct Layout {
    /// Heads that share a column where the terminal is too narrow for one each.
    var headsPerColumn: Int
    /// Columns of the grid.
    var columns: Int
    /// Characters a column.
    var width: Int
    private var heads: Int

    init(heads: Int, room: Int) {
      self.heads = heads
      let room = max(room, 1)
      headsPerColumn = (heads + room - 1) / room
      columns = (heads + headsPerColumn - 1) / headsPerColumn
      width = max(1, min(room / columns, heads > 40 ? 1 : 4, max(1, 72 / columns)))
    }

    func firstHead(of column: Int) -> Int { column * headsPerColumn }

    /// The mean of the heads in a column; `nil` where none has a value.
    func mean(of grid: HeadGrid, layer: Int, column: Int) -> Double? {
      let first = firstHead(of: column)
      let values = (first..<min(first + headsPerColumn, heads)).compactMap { grid[layer, $0] }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  private static func label(_ text: String, _ width: Int) -> String {
    TerminalText.padded(text, width: width) + " "
  }

  private static func shade(_ fraction: Double?) -> Character {
    guard let fraction, fraction.isFinite else { return "?" }
    let index = Int(min(max(fraction, 0), 1) * Double(ramp.count - 1) + 0.5)
    return ramp[index]
  }

  private static func halfBlock(
    upper: Color?, lower: Color?, count: Int, level: TerminalStyle.ColorLevel
  ) -> String {
    let character: Character
    var foreground = upper
    var background = lower
    switch (upper, lower) {
    case (nil, nil): character = " "
    case (_?, _): character = "▀"
    case (nil, _?):
      character = "▄"
      foreground = lower
      background = nil
    }
    return ANSI.reset + ANSI.select(foreground: foreground, background: background, level: level)
      + String(repeating: character, count: count)
  }

  /// Head numbers below their columns, as many as fit with two spaces between.
  private static func axis(_ layout: Layout) -> String {
    let total = layout.columns * layout.width
    var line = [Character](repeating: " ", count: total)
    let widest = "\(layout.firstHead(of: layout.columns - 1))".count
    for column in Ticks.indices(
      count: layout.columns, spacing: Double(layout.width), minimumSpacing: Double(widest + 2))
    {
      let text = Array("\(layout.firstHead(of: column))")
      let start = column * layout.width + (layout.width - min(layout.width, text.count)) / 2
      guard start + text.count <= total else { continue }
      line.replaceSubrange(start..<(start + text.count), with: text)
    }
    return String(line)
  }

  private static func legend(
    domain: ClosedRange<Double>, grid: HeadGrid, layout: Layout, style: TerminalStyle,
    colorMap: ColorMap, indent: Int, usesBlocks: Bool
  ) -> [String] {
    let low = NumberText.significant(domain.lowerBound)
    let high = NumberText.significant(domain.upperBound)
    let length = min(24, style.usableWidth - indent - low.count - high.count - 2)
    let space = String(repeating: " ", count: indent)
    var lines: [String] = []
    if length >= 4 {
      let bar = (0..<length).map { step -> String in
        let fraction = (Double(step) + 0.5) / Double(length)
        guard style.color != .none, let color = colorMap.color(at: fraction) else {
          return String(shade(fraction))
        }
        return ANSI.select(foreground: nil, background: color, level: style.color) + " "
      }.joined()
      lines.append(
        space + low + " " + bar + (style.color == .none ? "" : ANSI.reset) + " " + high)
    }
    var notes = ["low is good: small keys hold the attention"]
    if grid.values.contains(where: { $0 == nil }) {
      notes.append(usesBlocks || style.color != .none ? "blank or ?: no value" : "?: no value")
    }
    if layout.headsPerColumn > 1 {
      notes.append("each column: mean of \(layout.headsPerColumn) heads")
    }
    for note in notes {
      lines += TerminalText.wrapped(
        note, width: max(style.usableWidth - indent, 10), indent: 0, style: style
      ).map { space + ANSI.dim($0, style: style) }
    }
    return lines
  }
}
