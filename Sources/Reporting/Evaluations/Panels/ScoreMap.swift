import Results

/// Heatmaps of scores with named rows and columns, in rows of panels under one colour bar.
struct ScoreMap {
  struct Panel {
    /// Empty where there is but one.
    var title: String
    var subtitle: String
    /// (rows, columns)
    var values: [Double?]
  }

  var header: FigureHeader
  var summary: String
  var rows: [String]
  var columns: [String]
  /// Whether the names of columns are long and read upwards.
  var hasUprightColumns = false
  var rowAxis: String
  var columnAxis: String
  var panels: [Panel]
  var domain: ClosedRange<Double>
  var colorMap: ColorMap
  var barLabel: String

  static let mostPanels = 24
  private static let size = FigureStyle.tickSize

  /// Large where there are few panels; of many, colours alone have to do.
  private var cell: (width: Double, height: Double) {
    let count = Double(max(columns.count, 1))
    if hasUprightColumns {
      return (min(max(((panels.count == 1 ? 620 : 380) / count).rounded(.down), 14), 54), 22)
    }
    let (room, greatest, height) =
      panels.count == 1 ? (620.0, 62.0, 30.0) : panels.count <= 6 ? (320, 54, 22) : (230, 30, 13)
    return (min(max((room / count).rounded(.down), 5), greatest), height)
  }

  private var rowNameWidth: Double {
    min(rows.map { TextMetrics.width($0, size: Self.size) }.max() ?? 0, 260)
  }

  private var columnNameHeight: Double {
    hasUprightColumns
      ? min(columns.map { TextMetrics.width($0, size: Self.size) }.max() ?? 0, 150) + 6 : 18
  }

  func scene() -> Scene {
    let cell = cell
    let panels = Array(panels.prefix(Self.mostPanels))
    let plotWidth = cell.width * Double(columns.count)
    let plotHeight = cell.height * Double(rows.count)
    let titleRoom =
      panels.allSatisfy(\.title.isEmpty) ? 4.0 : panels.allSatisfy(\.subtitle.isEmpty) ? 20 : 34
    let leftRoom = FigureStyle.labelSize + 10 + rowNameWidth + 8
    let pitch = leftRoom + max(plotWidth, 100) + 18
    let across = max(1, min(panels.count, Int(1080 / pitch), panels.count == 4 ? 2 : 3))
    let width = max(2 * FigureStyle.margin + Double(across) * pitch, FigureStyle.minimumWidth)
    var scene = Scene(width: width, height: 0, title: header.title, summary: summary)
    let top = header.draw(on: &scene, width: width)
    let hasMissing = panels.contains { $0.values.contains { $0 == nil } }
    var bottom = drawBar(on: &scene, top: top, hasMissing: hasMissing)
    let below = columnNameHeight + 26
    for first in stride(from: 0, to: panels.count, by: across) {
      let plotTop = bottom + titleRoom + 6
      for column in 0..<across where first + column < panels.count {
        let left = FigureStyle.margin + leftRoom + Double(column) * pitch
        draw(
          panels[first + column], on: &scene, origin: Point(left, plotTop), cell: cell,
          hasRowAxis: column == 0)
      }
      bottom = plotTop + plotHeight + below
    }
    scene.height = (bottom + 12).rounded(.up)
    return scene
  }

  private func fraction(_ value: Double) -> Double {
    let extent = domain.upperBound - domain.lowerBound
    return extent > 0 ? (value - domain.lowerBound) / extent : 0.5
  }

  /// The colours and what they mean; returns the y below.
  private func drawBar(on scene: inout Scene, top: Double, hasMissing: Bool) -> Double {
    let size = FigureStyle.captionSize
    let y = top + 10
    let low = NumberText.coordinate(domain.lowerBound)
    let high = NumberText.coordinate(domain.upperBound)
    var x = FigureStyle.margin
    func text(_ words: String) {
      scene.add(
        Label(words, at: Point(x, y + 0.36 * size), size: size, paint: .role(.mutedInk)))
      x += TextMetrics.width(words, size: size)
    }
    text("\(barLabel): \(low)")
    x += 6
    let steps = 80
    scene.add(
      .cells(
        CellGrid(
          origin: Point(x, y - 5), rows: 1, columns: steps, cellWidth: 2, cellHeight: 10,
          colors: (0..<steps).map { colorMap.color(at: (Double($0) + 0.5) / Double(steps)) })))
    x += 2 * Double(steps) + 6
    text(high)
    if hasMissing {
      LegendEntry(sign: .missing, text: "no value").draw(on: &scene, at: Point(x + 20, y))
    }
    return y + 12
  }

  private func draw(
    _ panel: Panel, on scene: inout Scene, origin: Point, cell: (width: Double, height: Double),
    hasRowAxis: Bool
  ) {
    let plotWidth = cell.width * Double(columns.count)
    let plotHeight = cell.height * Double(rows.count)
    let titleWidth = max(plotWidth, 100)
    if !panel.title.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(panel.title, size: 12.5, weight: .bold, width: titleWidth),
          at: Point(origin.x, origin.y - (panel.subtitle.isEmpty ? 8 : 22)), size: 12.5,
          weight: .bold))
    }
    if !panel.subtitle.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(panel.subtitle, size: Self.size, width: titleWidth),
          at: Point(origin.x, origin.y - 7), size: Self.size, paint: .role(.mutedInk)))
    }
    drawCells(panel, on: &scene, origin: origin, cell: cell)
    for (row, name) in rows.enumerated() where !name.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(name, size: Self.size, width: 260),
          at: Point(
            origin.x - 7, origin.y + (Double(row) + 0.5) * cell.height + 0.36 * Self.size),
          size: Self.size, anchor: .end, paint: .role(.mutedInk)))
    }
    let widest = columns.map { TextMetrics.width($0, size: Self.size) }.max() ?? 0
    let marked = Ticks.indices(
      count: columns.count, spacing: cell.width,
      minimumSpacing: hasUprightColumns ? Self.size + 2 : widest + 8)
    for column in marked where !columns[column].isEmpty {
      let x = origin.x + (Double(column) + 0.5) * cell.width
      let y = origin.y + plotHeight
      scene.addLine(from: Point(x, y + 1), to: Point(x, y + 4), Stroke(.role(.axis)))
      scene.add(
        hasUprightColumns
          ? Label(
            TextMetrics.fitted(columns[column], size: Self.size, width: 150),
            at: Point(x + 0.36 * Self.size, y + 8), size: Self.size, anchor: .end, rotation: -90,
            paint: .role(.mutedInk))
          : Label(
            columns[column], at: Point(x, y + 7 + 0.8 * Self.size), size: Self.size,
            anchor: .middle, paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        columnAxis,
        at: Point(origin.x + plotWidth / 2, origin.y + plotHeight + columnNameHeight + 16),
        size: FigureStyle.labelSize, anchor: .middle))
    guard hasRowAxis, !rowAxis.isEmpty, plotHeight > 60 else { return }
    scene.add(
      Label(
        rowAxis,
        at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, origin.y + plotHeight / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }

  private func drawCells(
    _ panel: Panel, on scene: inout Scene, origin: Point, cell: (width: Double, height: Double)
  ) {
    let grid = CellGrid(
      origin: origin, rows: rows.count, columns: columns.count, cellWidth: cell.width,
      cellHeight: cell.height, gap: cell.width >= 12 ? 1 : 0,
      colors: panel.values.map { $0.flatMap { colorMap.color(at: fraction($0)) } })
    for (index, value) in panel.values.enumerated() where value == nil && !columns.isEmpty {
      MissingCell.draw(
        grid.rectangle(row: index / columns.count, column: index % columns.count), on: &scene)
    }
    scene.add(.cells(grid))
    let size = Self.size - 0.5
    let format = NumberFormat.fixed(domain.upperBound > 10 ? 1 : 2)
    let texts = panel.values.map { $0.map { NumberText.typeset(format.text($0)) } }
    let widest = texts.compactMap { $0 }.map { TextMetrics.width($0, size: size) }.max() ?? 0
    guard widest + 5 <= cell.width, cell.height >= 16 else { return }
    for (index, text) in texts.enumerated() {
      guard let text, let color = grid.colors[index] else { continue }
      let place = grid.rectangle(row: index / columns.count, column: index % columns.count)
      scene.add(
        Label(
          text, at: Point(place.x + place.width / 2, place.y + place.height / 2 + 0.36 * size),
          size: size, anchor: .middle,
          paint: .color(color.luminance > 0.22 ? Theme.light.ink : Theme.light.background)))
    }
  }
}
