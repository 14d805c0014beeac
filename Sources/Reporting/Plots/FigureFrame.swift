import Results

/// Type sizes and distances that all figures share.
enum FigureStyle {
  static let margin = 24.0
  static let titleSize = 16.0
  static let captionSize = 11.5
  static let captionLeading = 16.0
  static let labelSize = 11.5
  static let tickSize = 11.0
  static let tickLength = 4.0
  static let minimumWidth = 420.0
}

/// The head of a figure: title and caption.
struct FigureHeader {
  var title: String
  /// Kept whole where a line has room, parted by middle dots.
  var captionParts: [String]

  /// Draws the header into a scene `width` wide and returns the y below it.
  func draw(on scene: inout Scene, width: Double) -> Double {
    let room = width - 2 * FigureStyle.margin
    var y = FigureStyle.margin + FigureStyle.titleSize * 0.8
    scene.add(
      Label(
        TextMetrics.fitted(title, size: FigureStyle.titleSize, weight: .bold, width: room),
        at: Point(FigureStyle.margin, y), size: FigureStyle.titleSize, weight: .bold))
    y += 4
    for line in captionLines(width: room) {
      y += FigureStyle.captionLeading
      scene.add(
        Label(
          line, at: Point(FigureStyle.margin, y), size: FigureStyle.captionSize,
          paint: .role(.mutedInk)))
    }
    return y + 8
  }

  /// The parts laid into as few lines as they need.
  func captionLines(width: Double) -> [String] {
    let size = FigureStyle.captionSize
    var lines: [String] = []
    var line = ""
    for part in captionParts where !part.isEmpty {
      let extended = line.isEmpty ? part : line + " · " + part
      if line.isEmpty || TextMetrics.width(extended, size: size) <= width {
        line = extended
      } else {
        lines.append(line)
        line = part
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { TextMetrics.fitted($0, size: size, width: width) }
  }
}

/// One entry of a legend: a sign and what it means.
struct LegendEntry {
  enum Sign {
    case line(Stroke)
    case swatch(Paint)
    case missing
    case mark(Answer)
    case bar(Answer)
  }

  var sign: Sign
  var text: String

  private var signWidth: Double {
    if case .line = sign { 22 } else { 11 }
  }

  var width: Double {
    signWidth + 6 + TextMetrics.width(text, size: FigureStyle.captionSize)
  }

  /// Draws the entry with its sign centred on `point.y`.
  func draw(on scene: inout Scene, at point: Point) {
    switch sign {
    case .line(let stroke):
      scene.addLine(
        from: Point(point.x + 1, point.y), to: Point(point.x + signWidth - 1, point.y), stroke)
    case .swatch(let paint):
      let side = 11.0
      scene.add(
        .rectangle(
          Rectangle(
            x: point.x, y: point.y - side / 2, width: side, height: side),
          paint))
    case .missing:
      let side = 11.0
      MissingCell.draw(
        Rectangle(
          x: point.x, y: point.y - side / 2, width: side, height: side),
        on: &scene)
    case .mark(let answer):
      AnswerMark.draw(answer, at: Point(point.x + 2, point.y), size: 8, on: &scene)
    case .bar(let answer):
      AnswerMark.drawBar(
        answer, Rectangle(x: point.x, y: point.y - 5.5, width: 11, height: 11), on: &scene)
    }
    scene.add(
      Label(
        text, at: Point(point.x + signWidth + 6, point.y + 0.36 * FigureStyle.captionSize),
        size: FigureStyle.captionSize, paint: .role(.mutedInk)))
  }

  /// Draws entries from left to right, on as many rows as `width` asks for, the first centred
  /// 10 units below `top`; returns the y below the last row.
  static func drawRow(
    _ entries: [LegendEntry], on scene: inout Scene, left: Double, width: Double, top: Double
  ) -> Double {
    guard !entries.isEmpty else { return top }
    var x = left
    var y = top + 10
    for entry in entries {
      if x > left, x + entry.width > left + width {
        x = left
        y += 18
      }
      entry.draw(on: &scene, at: Point(x, y))
      x += entry.width + 18
    }
    return y + 10
  }
}

/// A value that is not there: a pale cell with a stroke through it, unlike any colour of a map.
enum MissingCell {
  static func draw(_ cell: Rectangle, on scene: inout Scene) {
    scene.add(.rectangle(cell, .role(.missing)))
    let inset = min(cell.width, cell.height) * 0.2
    scene.addLine(
      from: Point(cell.x + inset, cell.maxY - inset), to: Point(cell.maxX - inset, cell.y + inset),
      Stroke(.role(.missingMark), width: min(1, cell.height / 6)))
  }
}
