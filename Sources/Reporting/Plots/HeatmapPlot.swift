import Results

/// A heatmap of layers × heads, or other columns, with its axes and colour bar.
struct HeatmapPlot {
  var header: FigureHeader
  var summary: String
  var grid: HeadGrid
  /// The values at the two ends of the colour map.
  var domain: ClosedRange<Double>
  var colorMap: ColorMap
  /// What is measured and in which unit.
  var barLabel: String
  /// Drawn as a line across the colour bar, as 1 is for `alr_ratio`.
  var landmark: Double?
  /// What is advised, for the marks beside the rows; empty for none.
  var advice: [LayerAdvice]
  /// How cells show their values.
  var cellFormat: NumberFormat
  var columns = ColumnAxis.heads

  /// What the columns are.
  struct ColumnAxis: Sendable {
    var name: String
    /// Columns to mark and their labels, given a column's width; the axis' own numbers where `nil`.
    var ticks: (@Sendable (Double) -> [(column: Int, label: String)])?

    static let heads = ColumnAxis(name: "Head")
    static let kvHeads = ColumnAxis(name: "KV head")
  }

  /// Size of a cell in whole units: about 640 for the longer side, from 4 to 84 a cell, at most
  /// 2.2 times as wide as high and 3 times as high as wide.
  static func cellSize(rows: Int, columns: Int) -> (width: Double, height: Double) {
    func side(_ count: Int) -> Double {
      min(max((640 / Double(max(count, 1))).rounded(.down), 4), 84)
    }
    let width = side(columns)
    let height = side(rows)
    return (min(width, (height * 2.2).rounded(.down)), min(height, width * 3))
  }

  func scene() -> Scene {
    let (cellWidth, cellHeight) = Self.cellSize(rows: grid.layers, columns: grid.heads)
    let plotWidth = cellWidth * Double(grid.heads)
    let plotHeight = cellHeight * Double(grid.layers)
    let areaHeight = max(plotHeight, 168)
    let ticks = Ticks.linear(over: domain, maximum: max(3, min(9, Int(areaHeight / 34))))
    let tickWidth =
      ticks.labels.map { TextMetrics.width($0, size: FigureStyle.tickSize) }.max() ?? 0
    let rowTicks = Ticks.indices(count: grid.layers, spacing: cellHeight, minimumSpacing: 18)
    let rowLabelWidth = TextMetrics.width("\(rowTicks.last ?? 0)", size: FigureStyle.tickSize)
    let left = FigureStyle.margin + FigureStyle.labelSize + 10 + rowLabelWidth + 8
    let marked = advice.filter { row in
      (0..<grid.layers).contains(row.layer) && row.answer.map(AnswerMark.marked.contains) ?? false
    }
    let markColumn = marked.isEmpty ? 0.0 : 14
    let barX = left + plotWidth + markColumn + 22
    let right = barX + 14 + 8 + tickWidth + 12 + FigureStyle.labelSize
    let width = max(right + FigureStyle.margin, FigureStyle.minimumWidth)

    var scene = Scene(width: width, height: 0, title: header.title, summary: summary)
    let top = header.draw(on: &scene, width: width) + 12
    let bottom = top + plotHeight

    drawCells(on: &scene, origin: Point(left, top), cellWidth: cellWidth, cellHeight: cellHeight)
    drawAxes(
      on: &scene, origin: Point(left, top), cellWidth: cellWidth, cellHeight: cellHeight,
      rowTicks: rowTicks)
    let hasMissing = grid.values.contains { $0 == nil }
    drawBar(
      on: &scene, ticks: ticks,
      bar: Rectangle(x: barX, y: top, width: 14, height: areaHeight), tickWidth: tickWidth)

    var entries: [LegendEntry] = []
    for row in marked {
      let middle = top + (Double(row.layer) + 0.5) * cellHeight
      row.answer.map {
        AnswerMark.draw(
          $0, at: Point(left + plotWidth + 4, middle), size: min(8, max(cellHeight, 5)), on: &scene)
      }
    }
    for answer in AnswerMark.marked where marked.contains(where: { $0.answer == answer }) {
      entries.append(LegendEntry(sign: .mark(answer), text: answer.words))
    }
    if hasMissing { entries.append(LegendEntry(sign: .missing, text: "no value")) }
    let axisBottom = max(bottom + 24 + FigureStyle.labelSize + 6, top + areaHeight + 10)
    let end = LegendEntry.drawRow(
      entries, on: &scene, left: FigureStyle.margin, width: width - 2 * FigureStyle.margin,
      top: axisBottom + 8)
    scene.height = (end + (entries.isEmpty ? 12 : 16)).rounded(.up)
    return scene
  }

  private func fraction(_ value: Double) -> Double {
    let extent = domain.upperBound - domain.lowerBound
    return extent > 0 ? (value - domain.lowerBound) / extent : 0.5
  }

  private func drawCells(
    on scene: inout Scene, origin: Point, cellWidth: Double, cellHeight: Double
  ) {
    let isRoomy = cellWidth >= 12 && cellHeight >= 12
    let cells = CellGrid(
      origin: origin, rows: grid.layers, columns: grid.heads, cellWidth: cellWidth,
      cellHeight: cellHeight, gap: isRoomy ? 1 : 0,
      colors: grid.values.map { value in value.flatMap { colorMap.color(at: fraction($0)) } })
    for row in 0..<grid.layers {
      for column in 0..<grid.heads where grid[row, column] == nil {
        MissingCell.draw(cells.rectangle(row: row, column: column), on: &scene)
      }
    }
    scene.add(.cells(cells))

    // Numbers in the cells, where all of them fit.
    guard cellHeight >= 18 else { return }
    let size = min(cellHeight * 0.5, FigureStyle.tickSize + 1)
    let texts = grid.values.map { $0.map { NumberText.typeset(cellFormat.text($0)) } }
    let widest = texts.map { $0.map { TextMetrics.width($0, size: size) } ?? 0 }.max() ?? 0
    guard widest <= cellWidth - 7 else { return }
    for (index, text) in texts.enumerated() {
      guard let text, let color = cells.colors[index] else { continue }
      let cell = cells.rectangle(row: index / grid.heads, column: index % grid.heads)
      scene.add(
        Label(
          text, at: Point(cell.x + cell.width / 2, cell.y + cell.height / 2 + 0.36 * size),
          size: size, anchor: .middle,
          paint: .color(color.luminance > 0.28 ? Theme.light.ink : Theme.light.background)))
    }
  }

  private func drawAxes(
    on scene: inout Scene, origin: Point, cellWidth: Double, cellHeight: Double, rowTicks: [Int]
  ) {
    let size = FigureStyle.tickSize
    let plotWidth = cellWidth * Double(grid.heads)
    let plotHeight = cellHeight * Double(grid.layers)
    let axis = Stroke(.role(.axis), width: 1)
    for row in rowTicks {
      let y = origin.y + (Double(row) + 0.5) * cellHeight
      scene.addLine(from: Point(origin.x - 5, y), to: Point(origin.x - 2, y), axis)
      scene.add(
        Label(
          "\(row)", at: Point(origin.x - 8, y + 0.36 * size), size: size, anchor: .end,
          paint: .role(.mutedInk)))
    }
    for (column, text) in columnTicks(cellWidth: cellWidth) {
      let x = origin.x + (Double(column) + 0.5) * cellWidth
      scene.addLine(
        from: Point(x, origin.y + plotHeight + 2), to: Point(x, origin.y + plotHeight + 5), axis)
      scene.add(
        Label(
          text, at: Point(x, origin.y + plotHeight + 8 + 0.8 * size), size: size,
          anchor: .middle, paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        columns.name, at: Point(origin.x + plotWidth / 2, origin.y + plotHeight + 34),
        size: FigureStyle.labelSize, anchor: .middle))
    scene.add(
      Label(
        "Layer",
        at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, origin.y + plotHeight / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }

  private func columnTicks(cellWidth: Double) -> [(column: Int, label: String)] {
    if let ticks = columns.ticks { return ticks(cellWidth) }
    let widest = TextMetrics.width("\(max(grid.heads - 1, 0))", size: FigureStyle.tickSize)
    return Ticks.indices(
      count: grid.heads, spacing: cellWidth, minimumSpacing: max(widest + 7, 15)
    ).map { ($0, "\($0)") }
  }

  private func drawBar(
    on scene: inout Scene, ticks: Ticks, bar: Rectangle, tickWidth: Double
  ) {
    let steps = max(2, min(256, Int(bar.height)))
    let colors = (0..<steps).map { colorMap.color(at: 1 - (Double($0) + 0.5) / Double(steps)) }
    scene.add(
      .cells(
        CellGrid(
          origin: Point(bar.x, bar.y), rows: steps, columns: 1, cellWidth: bar.width,
          cellHeight: bar.height / Double(steps), colors: colors)))
    for (value, text) in zip(ticks.values, ticks.labels) {
      let y = bar.maxY - fraction(value) * bar.height
      scene.addLine(
        from: Point(bar.maxX + 2, y), to: Point(bar.maxX + 5, y), Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          text, at: Point(bar.maxX + 8, y + 0.36 * FigureStyle.tickSize),
          size: FigureStyle.tickSize, paint: .role(.mutedInk)))
    }
    if let landmark, domain.contains(landmark) {
      let y = bar.maxY - fraction(landmark) * bar.height
      scene.addLine(
        from: Point(bar.x - 2, y), to: Point(bar.maxX + 2, y), Stroke(.role(.ink), width: 1))
    }
    scene.add(
      Label(
        TextMetrics.fitted(barLabel, size: FigureStyle.labelSize, width: bar.height),
        at: Point(
          bar.maxX + 8 + tickWidth + 10 + 0.8 * FigureStyle.labelSize, bar.y + bar.height / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }
}
