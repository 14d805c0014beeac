import Results

/// Key norm against attention of many heads: a small panel each, layers down, heads across.
///
/// A panel shows where its positions lie, darker where there are more, and a strip above it the
/// rank correlation as a colour.
struct ScatterGrid {
  var header: FigureHeader
  var summary: String
  var heads: [HeadIndex]

  /// More panels than this are not drawn.
  static let maximumPanels = 8192
  /// Side of the squares that positions are counted in.
  private static let bin = 2.5
  private static let stripHeight = 3.0
  private static let gap = 3.0

  func scene(_ result: AnalysisResult) -> Scene {
    let shown = heads.prefix(Self.maximumPanels)
    let layers = Set(shown.map(\.layer)).sorted()
    let columns = Set(shown.map(\.head)).sorted()
    let panelWidth = min(max((900 / Double(max(columns.count, 1))).rounded(.down), 14), 96)
    let panelHeight = max((panelWidth * 0.62).rounded(), 12)
    let tick = FigureStyle.tickSize
    let widestLayer = TextMetrics.width("\(layers.last ?? 0)", size: tick)
    let left = FigureStyle.margin + FigureStyle.labelSize + 10 + widestLayer + 8
    let plotWidth = panelWidth * Double(columns.count)
    let width = max(left + plotWidth + FigureStyle.margin, FigureStyle.minimumWidth)

    var scene = Scene(width: width, height: 0, title: header.title, summary: summary)
    var head = header
    head.captionParts.append(
      "each panel on its own ranges, the outer 1 % at the edges, attention logarithmic")
    let captionEnd = head.draw(on: &scene, width: width)
    var legend = [-1, -0.5, 0, 0.5, 1].map { value in
      LegendEntry(
        sign: .swatch(Self.paint(value)),
        text: "ρ " + NumberText.typeset(NumberText.fixed(value, decimals: 1)))
    }
    if shown.contains(where: { KeyAttention($0, in: result) == nil }) {
      legend.append(LegendEntry(sign: .missing, text: "no value"))
    }
    let top =
      LegendEntry.drawRow(
        legend, on: &scene, left: FigureStyle.margin, width: width - 2 * FigureStyle.margin,
        top: captionEnd) + 12

    for index in shown {
      guard let row = layers.firstIndex(of: index.layer),
        let column = columns.firstIndex(of: index.head)
      else { continue }
      let panel = Rectangle(
        x: left + Double(column) * panelWidth, y: top + Double(row) * panelHeight,
        width: panelWidth - Self.gap, height: panelHeight - Self.gap)
      draw(KeyAttention(index, in: result), in: panel, on: &scene)
    }
    let bottom = top + panelHeight * Double(layers.count)
    for row in Ticks.indices(count: layers.count, spacing: panelHeight, minimumSpacing: 18) {
      scene.add(
        Label(
          "\(layers[row])",
          at: Point(left - 8, top + (Double(row) + 0.5) * panelHeight + 0.36 * tick), size: tick,
          anchor: .end, paint: .role(.mutedInk)))
    }
    let widestHead = TextMetrics.width("\(columns.last ?? 0)", size: tick)
    for column in Ticks.indices(
      count: columns.count, spacing: panelWidth, minimumSpacing: max(widestHead + 7, 15))
    {
      scene.add(
        Label(
          "\(columns[column])",
          at: Point(left + (Double(column) + 0.5) * panelWidth, bottom + 8 + 0.8 * tick),
          size: tick, anchor: .middle, paint: .role(.mutedInk)))
    }
    let axisLabel = FigureStyle.labelSize
    scene.add(
      Label(
        "Head: key norm to the right", at: Point(left + max(plotWidth, 150) / 2, bottom + 34),
        size: axisLabel, anchor: .middle))
    scene.add(
      Label(
        layers.count > 3 ? "Layer: attention upwards" : "Layer",
        at: Point(FigureStyle.margin + 0.8 * axisLabel, (top + bottom) / 2), size: axisLabel,
        anchor: .middle, rotation: -90))
    scene.height = (bottom + 34 + 0.3 * axisLabel + 16).rounded(.up)
    return scene
  }

  private static func paint(_ spearman: Double) -> Paint {
    .color(ColorMap.diverging.color(at: (spearman + 1) / 2) ?? Theme.light.missing)
  }

  private func draw(_ data: KeyAttention?, in panel: Rectangle, on scene: inout Scene) {
    guard let data else { return MissingCell.draw(panel, on: &scene) }
    let plot = Rectangle(
      x: panel.x, y: panel.y + Self.stripHeight, width: panel.width,
      height: max(panel.height - Self.stripHeight, 1))
    scene.add(.rectangle(plot, .role(.grid, opacity: 0.4)))
    if let spearman = data.spearman {
      scene.add(
        .rectangle(
          Rectangle(x: panel.x, y: panel.y, width: panel.width, height: Self.stripHeight),
          Self.paint(spearman)))
    }
    let columns = max(1, Int(plot.width / Self.bin))
    let rows = max(1, Int(plot.height / Self.bin))
    var counts = [Int](repeating: 0, count: columns * rows)
    func place(_ value: Double, _ range: ClosedRange<Double>, _ count: Int) -> Int {
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return share.isFinite ? min(max(Int(share * Double(count)), 0), count - 1) : 0
    }
    let ranges = data.innerRanges
    for point in data.points {
      let column = place(point.x, ranges.x, columns)
      let row = rows - 1 - place(point.y, ranges.y, rows)
      counts[row * columns + column] += 1
    }
    // Few shades, each drawn at once: one, a few, many positions.
    for (least, most, opacity) in [(1, 1, 0.45), (2, 7, 0.7), (8, Int.max, 1)] {
      let centres = counts.indices.filter { (least...most).contains(counts[$0]) }.map { index in
        Point(
          plot.x + (Double(index % columns) + 0.5) / Double(columns) * plot.width,
          plot.y + (Double(index / columns) + 0.5) / Double(rows) * plot.height)
      }
      if !centres.isEmpty {
        scene.add(.dots(centres, diameter: Self.bin, .role(.accent, opacity: opacity)))
      }
    }
  }
}
