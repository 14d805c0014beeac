/// A pair of axes with curves or points in it.
struct LinePanel {
  struct Curve {
    /// In data units.
    var points: [Point]
    var stroke: Stroke
    /// Whether each point has a dot: where there are few, so that one alone is seen.
    var isDotted = false
  }

  var title: String
  var subtitle: String
  var curves: [Curve]
  /// Closed outlines filled beneath the curves, in data units.
  var areas: [(points: [Point], paint: Paint)] = []
  /// Single points, in data units.
  var dots: [Point] = []
  var xRange: ClosedRange<Double>
  var yRange: ClosedRange<Double>
  var xLabel: String
  /// Left out where the neighbour to the left has it.
  var yLabel: String?
  /// Marks other than round values of the ranges.
  var xTicks: Ticks?
  var yTicks: Ticks?

  /// Room left of the plot: axis label, tick labels.
  static let leftRoom = 54.0
  /// Room above the plot: title and subtitle.
  static let topRoom = 40.0
  /// Room below the plot: tick labels and axis label.
  static let bottomRoom = 44.0

  /// Draws the panel with its plot in `plot`.
  func draw(on scene: inout Scene, plot: Rectangle) {
    let size = FigureStyle.tickSize
    if !title.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(title, size: 12.5, weight: .bold, width: plot.width),
          at: Point(plot.x, plot.y - (subtitle.isEmpty ? 11 : 26)), size: 12.5, weight: .bold))
    }
    if !subtitle.isEmpty {
      scene.add(
        Label(
          TextMetrics.fitted(subtitle, size: size, width: plot.width),
          at: Point(plot.x, plot.y - 11), size: size, paint: .role(.mutedInk)))
    }
    let yTicks =
      self.yTicks ?? Ticks.linear(over: yRange, maximum: max(3, Int(plot.height / 36)))
    for (value, text) in zip(yTicks.values, yTicks.labels) {
      let y = position(Point(0, value), in: plot).y
      scene.addLine(
        from: Point(plot.x, y), to: Point(plot.maxX, y), Stroke(.role(.grid), width: 1))
      scene.add(
        Label(
          text, at: Point(plot.x - 7, y + 0.36 * size), size: size, anchor: .end,
          paint: .role(.mutedInk)))
    }
    let xTicks = self.xTicks ?? roundTicks(width: plot.width)
    for (value, text) in zip(xTicks.values, xTicks.labels) {
      let x = position(Point(value, 0), in: plot).x
      scene.addLine(
        from: Point(x, plot.maxY), to: Point(x, plot.maxY + FigureStyle.tickLength),
        Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          text, at: Point(x, plot.maxY + 7 + 0.8 * size), size: size, anchor: .middle,
          paint: .role(.mutedInk)))
    }
    for area in areas {
      scene.add(.polygon(area.points.map { position($0, in: plot) }, area.paint))
    }
    scene.addLine(
      from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY),
      Stroke(.role(.axis), width: 1))
    for curve in curves {
      let points = curve.points.map { position($0, in: plot) }
      scene.add(.polyline(points, curve.stroke))
      if curve.isDotted {
        scene.add(.dots(points, diameter: curve.stroke.width + 3, curve.stroke.paint))
      }
    }
    if !dots.isEmpty {
      scene.add(
        .dots(
          dots.map { position($0, in: plot) }, diameter: dots.count > 300 ? 2.5 : 3.5,
          .role(.accent, opacity: 0.75)))
    }
    if curves.isEmpty, dots.isEmpty {
      scene.add(
        Label(
          "no values", at: Point(plot.x + plot.width / 2, plot.y + plot.height / 2),
          size: FigureStyle.labelSize, anchor: .middle, paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        xLabel, at: Point(plot.x + plot.width / 2, plot.maxY + 36), size: FigureStyle.labelSize,
        anchor: .middle))
    if let yLabel {
      scene.add(
        Label(
          yLabel,
          at: Point(
            plot.x - Self.leftRoom + 0.8 * FigureStyle.labelSize, plot.y + plot.height / 2),
          size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
    }
  }

  /// As many marks as their labels leave room for.
  private func roundTicks(width: Double) -> Ticks {
    for count in stride(from: max(3, Int(width / 46)), through: 2, by: -1) {
      let ticks = Ticks.linear(over: xRange, maximum: count)
      let widest = ticks.labels.map { TextMetrics.width($0, size: FigureStyle.tickSize) }.max()
      let room = min(width / Double(max(ticks.values.count - 1, 1)) - 8, 2 * FigureStyle.margin)
      if let widest, widest <= room { return ticks }
    }
    return Ticks(values: [], labels: [])
  }

  private func position(_ point: Point, in plot: Rectangle) -> Point {
    func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      let extent = range.upperBound - range.lowerBound
      return extent > 0 ? (value - range.lowerBound) / extent : 0
    }
    return Point(
      plot.x + share(point.x, xRange) * plot.width, plot.maxY - share(point.y, yRange) * plot.height
    )
  }
}
