import Results

/// Horizontal bars, a row a setting and a panel a place: any number of settings stays readable
/// without a colour for each.
struct BarTable {
  struct Row {
    var name: String
    /// What the others are compared with.
    var isReference: Bool
  }

  struct Panel {
    /// Empty where there is but one.
    var title: String
    /// By row.
    var values: [ScoreMean]
  }

  var header: FigureHeader
  var summary: String
  var rows: [Row]
  var panels: [Panel]
  var axisLabel: String
  /// Where the axis ends.
  var limit: Double

  static let mostRows = 60
  static let mostPanels = 24
  private static let rowHeight = 22.0
  private static let panelsOfRow = 5
  private static let gap = 16.0
  private static let mostWidth = 1160.0

  func scene() -> Scene {
    let size = FigureStyle.captionSize
    let rows = Array(rows.prefix(Self.mostRows))
    let panels = Array(panels.prefix(Self.mostPanels))
    let format = NumberFormat.fixed(limit > 1 ? 1 : 3)
    let valueWidth =
      panels.flatMap { $0.values.map { TextMetrics.width(Self.text($0, format), size: size) } }
      .max() ?? 0
    let nameWidth = min(rows.map { TextMetrics.width($0.name, size: size) }.max() ?? 0, 260)
    let left = FigureStyle.margin + nameWidth + 10
    func layout(_ columns: Int) -> (barWidth: Double, pitch: Double) {
      let barWidth = columns == 1 ? 420.0 : columns < 4 ? 190 : 120
      return (barWidth, barWidth + 8 + valueWidth + Self.gap)
    }
    var columns = max(1, min(panels.count, Self.panelsOfRow))
    // Long names and numbers leave room for fewer.
    while columns > 1, left + Double(columns) * layout(columns).pitch > Self.mostWidth {
      columns -= 1
    }
    let (barWidth, pitch) = layout(columns)
    let width = max(
      left + Double(columns) * pitch - Self.gap + FigureStyle.margin, FigureStyle.minimumWidth)
    var scene = Scene(width: width, height: 0, title: header.title, summary: summary)
    let top = header.draw(on: &scene, width: width) + 8
    let titleRoom = panels.allSatisfy(\.title.isEmpty) ? 0.0 : 20
    let plotHeight = Double(rows.count) * Self.rowHeight
    var bottom = top
    for first in stride(from: 0, to: max(panels.count, 1), by: columns) {
      let plotTop = (first == 0 ? top : bottom + 12) + titleRoom
      drawNames(rows, on: &scene, right: left - 10, top: plotTop)
      for column in 0..<columns where first + column < panels.count {
        let plot = Rectangle(
          x: left + Double(column) * pitch, y: plotTop, width: barWidth, height: plotHeight)
        draw(
          panels[first + column], rows, on: &scene, plot: plot, valueWidth: valueWidth,
          format: format)
      }
      bottom = plotTop + plotHeight + 44
    }
    scene.height = (bottom + 12).rounded(.up)
    return scene
  }

  private static func text(_ value: ScoreMean, _ format: NumberFormat) -> String {
    guard let mean = value.mean else { return "no value" }
    return format.text(mean) + (value.error.map { " ± \(format.text($0))" } ?? "")
  }

  private func drawNames(_ rows: [Row], on scene: inout Scene, right: Double, top: Double) {
    let size = FigureStyle.captionSize
    for (index, row) in rows.enumerated() {
      let name = TextMetrics.fitted(row.name, size: size, width: right - FigureStyle.margin + 2)
      guard !name.isEmpty else { continue }
      scene.add(
        Label(
          name,
          at: Point(right, top + (Double(index) + 0.5) * Self.rowHeight + 0.36 * size),
          size: size, anchor: .end))
    }
  }

  private func draw(
    _ panel: Panel, _ rows: [Row], on scene: inout Scene, plot: Rectangle, valueWidth: Double,
    format: NumberFormat
  ) {
    func x(_ value: Double) -> Double { plot.x + min(max(value / limit, 0), 1) * plot.width }
    if !panel.title.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(
            panel.title, size: 12.5, weight: .bold, width: plot.width + 8 + valueWidth),
          at: Point(plot.x, plot.y - 9), size: 12.5, weight: .bold))
    }
    let ticks = Ticks.linear(over: 0...limit, maximum: max(4, Int(plot.width / 42)))
    for (value, text) in zip(ticks.values, ticks.labels) {
      scene.addLine(
        from: Point(x(value), plot.y), to: Point(x(value), plot.maxY), Stroke(.role(.grid)))
      scene.add(
        Label(
          text, at: Point(x(value), plot.maxY + 7 + 0.8 * FigureStyle.tickSize),
          size: FigureStyle.tickSize, anchor: .middle, paint: .role(.mutedInk)))
    }
    for (index, row) in rows.enumerated() {
      let middle = plot.y + (Double(index) + 0.5) * Self.rowHeight
      let value =
        index < panel.values.count ? panel.values[index] : ScoreMean(mean: nil, error: nil)
      if let mean = value.mean {
        scene.add(
          .rectangle(
            Rectangle(x: plot.x, y: middle - 6.5, width: x(mean) - plot.x, height: 13),
            row.isReference ? .role(.reference) : .role(.accent)))
        if let error = value.error, error > 0 {
          let (low, high) = (x(mean - error), x(mean + error))
          scene.addLine(from: Point(low, middle), to: Point(high, middle), Stroke(.role(.ink)))
          for end in [low, high] {
            scene.addLine(
              from: Point(end, middle - 2.5), to: Point(end, middle + 2.5), Stroke(.role(.ink)))
          }
        }
      } else {
        MissingCell.draw(
          Rectangle(x: plot.x + 2, y: middle - 5.5, width: 11, height: 11), on: &scene)
      }
      scene.add(
        Label(
          Self.text(value, format),
          at: Point(plot.maxX + 8 + valueWidth, middle + 0.36 * FigureStyle.captionSize),
          size: FigureStyle.captionSize, anchor: .end, paint: .role(.mutedInk)))
    }
    scene.addLine(
      from: Point(plot.x, plot.y), to: Point(plot.x, plot.maxY), Stroke(.role(.axis)))
    scene.add(
      Label(
        TextMetrics.fitted(axisLabel, size: FigureStyle.labelSize, width: plot.width + 24),
        at: Point(plot.x + plot.width / 2, plot.maxY + 36), size: FigureStyle.labelSize,
        anchor: .middle))
  }
}
