import Results

/// An attention map of a prompt: queries downwards, positions to the right, blank beyond the query.
struct TokenMap {
  var axis: TokenAxis
  /// (queries, query + 1) scores from 0 to 1.
  var rows: [[Float]]
  /// Sliding window, the query included.
  var window: Int?
  var colorMap: ColorMap

  /// Draws the cells and two axes; a pooled cell is the greatest of its scores.
  func draw(on scene: inout Scene, plot: Rectangle) {
    let (cells, pooling) = (axis.cells, axis.pooling)
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
          origin: Point(plot.x, plot.y), rows: cells, columns: cells, cellWidth: axis.cellSize,
          cellHeight: axis.cellSize,
          colors: greatest.map { $0.flatMap { colorMap.color(at: Double($0)) } })))
    scene.addLine(
      from: Point(plot.x, plot.y), to: Point(plot.x, plot.maxY), Stroke(.role(.axis)))
    scene.addLine(
      from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY), Stroke(.role(.axis)))
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
