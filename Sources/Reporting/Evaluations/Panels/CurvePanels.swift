/// Panels of lines under one header and one legend, in rows.
struct CurvePanels {
  var header: FigureHeader
  var summary: String
  var legend: [LegendEntry]
  /// One alone is drawn large.
  var panels: [LinePanel]

  private var plotSize: (width: Double, height: Double) {
    switch panels.count {
    case ...1: (620, 300)
    case 2...4: (330, 220)
    default: (270, 190)
    }
  }

  private var columns: Int {
    switch panels.count {
    case ...1: 1
    case 2...4: 2
    default: 3
    }
  }

  func scene() -> Scene {
    let size = plotSize
    let gap = 14.0
    let pitch = LinePanel.leftRoom + size.width + gap
    let width = 2 * FigureStyle.margin + Double(columns) * pitch
    var scene = Scene(width: width, height: 0, title: header.title, summary: summary)
    let top = header.draw(on: &scene, width: width)
    let legendEnd = LegendEntry.drawRow(
      legend, on: &scene, left: FigureStyle.margin, width: width - 2 * FigureStyle.margin, top: top)
    let topRoom =
      panels.allSatisfy(\.title.isEmpty) ? 12 : panels.allSatisfy(\.subtitle.isEmpty) ? 25 : 40.0
    var bottom = legendEnd
    for (index, panel) in panels.enumerated() {
      let row = Double(index / columns)
      let plot = Rectangle(
        x: FigureStyle.margin + LinePanel.leftRoom + Double(index % columns) * pitch,
        y: legendEnd + 8 + topRoom + row * (topRoom + size.height + LinePanel.bottomRoom + 10),
        width: size.width, height: size.height)
      var panel = panel
      if index % columns > 0 { panel.yLabel = nil }
      panel.draw(on: &scene, plot: plot)
      bottom = max(bottom, plot.maxY + LinePanel.bottomRoom)
    }
    scene.height = (bottom + 14).rounded(.up)
    return scene
  }

  /// A range with room around `values`, within `limits`; `limits` themselves where there are none.
  static func range(
    of values: some Sequence<Double>, within limits: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return limits }
    let room = max((high - low) * 0.06, max(high.magnitude, low.magnitude) * 1e-3, 1e-6)
    let start = min(max(low - room, limits.lowerBound), low)
    return start...max(start, min(high + room, max(limits.upperBound, high)))
  }
}
