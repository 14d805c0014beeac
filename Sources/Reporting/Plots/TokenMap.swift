import AttentionAnalysis

/// An attention map of a prompt: queries downwards, positions to the right, blank beyond the query.
struct TokenMap {
  /// One label a token.
  var labels: [String]
  /// (queries, query + 1) scores from 0 to 1.
  var rows: [[Float]]
  /// Sliding window, the query included.
  var window: Int?
  var colorMap: ColorMap

  static let labelSize = 9.5
  /// Labels are cut to this length.
  static let labelRoom = 72.0
  /// What the longest of the labels takes, with its distance from the axis.
  static func labelRoom(_ labels: [String]) -> Double {
    let widths = labels.lazy.map { TextMetrics.width(fitted($0), size: labelSize) }
    return min(widths.max() ?? 0, labelRoom) + 10
  }

  /// More cells on a side are pooled: no picture shows them one by one.
  static let mostCells = 128

  /// Tokens a cell stands for, on each side.
  static func pooling(_ count: Int) -> Int { max(1, (count + mostCells - 1) / mostCells) }

  func draw(on scene: inout Scene, plot: Rectangle) {
    let pooling = Self.pooling(rows.count)
    let cells = (rows.count + pooling - 1) / pooling
    guard cells > 0 else { return }
    var greatest = [Float?](repeating: nil, count: cells * cells)
    for (query, row) in rows.enumerated() {
      let first = window.map { max(0, query + 1 - $0) } ?? 0
      for position in first..<max(first, row.count) {
        let cell = query / pooling * cells + position / pooling
        greatest[cell] = max(greatest[cell] ?? 0, row[position])
      }
    }
    scene.add(
      .cells(
        CellGrid(
          origin: Point(plot.x, plot.y), rows: cells, columns: cells,
          cellWidth: plot.width / Double(cells), cellHeight: plot.height / Double(cells),
          colors: greatest.map { $0.flatMap { colorMap.color(at: Double($0)) } })))
  }

  /// Where a token's middle lies along an axis of `length`.
  static func middle(_ index: Int, of count: Int, length: Double) -> Double {
    // A pooled cell may reach beyond the last token.
    let cells = Double((count + pooling(count) - 1) / pooling(count) * pooling(count))
    return (Double(index) + 0.5) / max(cells, 1) * length
  }

  /// Tokens whose labels have room along an axis.
  static func labelled(_ count: Int, length: Double) -> [Int] {
    Ticks.indices(
      count: count, spacing: length / Double(max(count, 1)), minimumSpacing: labelSize + 2)
  }

  /// Tokens left of the map.
  func drawQueryLabels(on scene: inout Scene, plot: Rectangle) {
    for index in Self.labelled(labels.count, length: plot.height) {
      let y = plot.y + Self.middle(index, of: labels.count, length: plot.height)
      scene.addLine(
        from: Point(plot.x - 4, y), to: Point(plot.x - 1, y), Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          Self.fitted(labels[index]), at: Point(plot.x - 6, y + 0.36 * Self.labelSize),
          size: Self.labelSize, anchor: .end, paint: .role(.mutedInk)))
    }
  }

  /// Tokens below a plot of the same width.
  func drawPositionLabels(on scene: inout Scene, plot: Rectangle) {
    for index in Self.labelled(labels.count, length: plot.width) {
      let x = plot.x + Self.middle(index, of: labels.count, length: plot.width)
      scene.addLine(
        from: Point(x, plot.maxY + 1), to: Point(x, plot.maxY + 4),
        Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          Self.fitted(labels[index]), at: Point(x + 0.36 * Self.labelSize, plot.maxY + 6),
          size: Self.labelSize, anchor: .end, rotation: -90, paint: .role(.mutedInk)))
    }
  }

  private static func fitted(_ label: String) -> String {
    TextMetrics.fitted(TextMetrics.singleLine(label), size: labelSize, width: labelRoom)
  }
}

/// A colour bar from 0 to 1.
struct ScoreBar {
  var colorMap: ColorMap
  var label: String

  /// Room that the bar and its labels take.
  static let width = 66.0

  func draw(on scene: inout Scene, left: Double, top: Double, height: Double) {
    let steps = max(2, min(256, Int(height)))
    scene.add(
      .cells(
        CellGrid(
          origin: Point(left, top), rows: steps, columns: 1, cellWidth: 12,
          cellHeight: height / Double(steps),
          colors: (0..<steps).map {
            colorMap.color(at: 1 - (Double($0) + 0.5) / Double(steps))
          })))
    let ticks = Ticks.linear(over: 0...1, maximum: max(3, Int(height / 40)))
    for (value, text) in zip(ticks.values, ticks.labels) {
      let y = top + (1 - value) * height
      scene.addLine(from: Point(left + 14, y), to: Point(left + 17, y), Stroke(.role(.axis)))
      scene.add(
        Label(
          text, at: Point(left + 20, y + 0.36 * FigureStyle.tickSize), size: FigureStyle.tickSize,
          paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        label, at: Point(left + 56, top + height / 2), size: FigureStyle.labelSize,
        anchor: .middle, rotation: -90))
  }
}
