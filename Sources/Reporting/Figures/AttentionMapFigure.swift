import Results

/// Figs. 2 and 19 to 24 of the paper: the attention map of chosen heads above the key norms that
/// they read.
public enum AttentionMapFigure: CaptureFigure {
  public static let name = "attention-map"
  public static let summary = "attention above key norms of chosen heads (Figs. 2, 19-24)"
  public static let needs: [CapturePart] = [.attention, .keyNorms]

  static let normHeight = 84.0
  static let usualPanels = 5
  static let maximumPanels = 24
  /// Panels side by side are fewer than this, and fewer still where that would be too wide.
  static let maximumColumns = 6
  static let maximumWidth = 1700.0

  public static func scene(_ capture: PromptCapture, options: FigureOptions) -> Scene {
    let places = CaptureHeads.places(
      capture, options.heads, usual: usualPanels, maximum: maximumPanels)
    let axis = TokenAxis(capture.tokens)
    // Tick labels of norms stand left of the first panel too.
    let left = FigureStyle.margin + FigureStyle.labelSize + 8 + max(axis.labelRoom, 44)
    let pitch = axis.side + 34
    let right = ScoreBar.width + FigureStyle.margin
    let columns = columns(of: places.count, pitch: pitch, room: maximumWidth - left - right)
    let width = max(left + Double(columns) * pitch + right, FigureStyle.minimumWidth)

    let title = "Attention and key norms"
    var scene = Scene(
      width: width, height: 0, title: title, summary: summaryText(places, capture))
    var caption = CaptureHeads.caption(capture)
    let pooling = axis.pooling
    if pooling > 1 {
      caption.append("a cell is the greatest of \(pooling) × \(pooling) scores")
      caption.append("a bar the least of \(pooling) norms")
    }
    let top = FigureHeader(title: title, captionParts: caption).draw(on: &scene, width: width)

    let colorMap = options.colorMap ?? .viridis
    let rowHeight = 24 + axis.side + 10 + normHeight + axis.roomBelow + 18
    for (number, place) in places.enumerated() {
      let column = number % columns
      let plot = Rectangle(
        x: left + Double(column) * pitch,
        y: top + 24 + Double(number / columns) * rowHeight, width: axis.side, height: axis.side)
      let rows = (0..<capture.tokens.count).compactMap {
        capture.attentionRow(layer: place.layer, head: place.index, query: $0)
      }
      let map = TokenMap(
        axis: axis, rows: rows, window: capture.layers[place.layer].window, colorMap: colorMap)
      scene.add(
        Label(
          place.title, at: Point(plot.x, plot.y - 9), size: 12.5, weight: .bold))
      map.draw(on: &scene, plot: plot)
      let normPlot = Rectangle(
        x: plot.x, y: plot.maxY + 10, width: axis.side, height: normHeight)
      drawNorms(
        capture.keyNorms(layer: place.layer, head: place.index) ?? [], axis, on: &scene,
        plot: normPlot)
      axis.drawPositions(on: &scene, plot: normPlot)
      if column == 0 {
        axis.drawQueries(on: &scene, plot: plot)
        scene.add(
          Label(
            "Key norm",
            at: Point(
              FigureStyle.margin + 0.8 * FigureStyle.labelSize, normPlot.y + normPlot.height / 2),
            size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
      }
      if column == columns - 1 || number == places.count - 1 {
        ScoreBar(colorMap: colorMap, label: "Attention score").draw(
          on: &scene, left: plot.maxX + 18, top: plot.y, height: axis.side)
      }
    }
    let panelRows = (places.count + columns - 1) / columns
    scene.height = (top + Double(panelRows) * rowHeight + 8).rounded(.up)
    return scene
  }

  /// As many panels side by side as have room, rows being of equal length where they can be.
  static func columns(of panels: Int, pitch: Double, room: Double) -> Int {
    let most = max(1, min(Int(max(room / pitch, 0)), maximumColumns))
    let rows = max(1, (panels + most - 1) / most)
    return max(1, (panels + rows - 1) / rows)
  }

  /// Bars from 0, coloured by the logarithm of the norm within this head.
  private static func drawNorms(
    _ all: [Double], _ axis: TokenAxis, on scene: inout Scene, plot: Rectangle
  ) {
    let norms = stride(from: 0, to: all.count, by: axis.pooling).map { first in
      all[first..<min(first + axis.pooling, all.count)].min() ?? 0
    }
    let limit = Ticks.roundedUp(norms.max() ?? 1)
    let logarithms = norms.map { Logarithm.base10(max($0, 1e-30)) ?? 0 }
    let least = logarithms.min() ?? 0
    let extent = (logarithms.max() ?? 0) - least
    let width = axis.cellSize > 4 ? axis.cellSize - 1 : axis.cellSize
    for (index, norm) in norms.enumerated() {
      let height = min(norm / limit, 1) * plot.height
      let share = extent > 0 ? (logarithms[index] - least) / extent : 0.5
      guard let color = ColorMap.magma.color(at: 0.35 + 0.45 * share) else { continue }
      scene.add(
        .rectangle(
          Rectangle(
            x: plot.x + (Double(index) + 0.5) * axis.cellSize - width / 2, y: plot.maxY - height,
            width: width, height: height), .color(color)))
    }
    scene.addLine(
      from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY), Stroke(.role(.axis)))
    let size = 9.5
    let ticks = Ticks.linear(over: 0...limit, maximum: 3)
    for (value, text) in zip(ticks.values, ticks.labels) {
      let y = plot.maxY - value / limit * plot.height
      scene.addLine(from: Point(plot.x - 4, y), to: Point(plot.x - 1, y), Stroke(.role(.axis)))
      scene.add(
        Label(
          text, at: Point(plot.x - 6, y + 0.36 * size), size: size, anchor: .end,
          paint: .role(.mutedInk)))
    }
  }

  private static func summaryText(
    _ places: [CaptureHeads.Place], _ capture: PromptCapture
  ) -> String {
    let heads = places.map { place in
      guard let norms = capture.keyNorms(layer: place.layer, head: place.index),
        let lowest = norms.indices.min(by: { norms[$0] < norms[$1] })
      else { return place.title }
      return "\(place.title): lowest key norm at position \(lowest)"
    }
    return "Attention maps of \(capture.tokens.count) tokens above the norms of their keys. "
      + (heads.isEmpty ? "No heads." : heads.joined(separator: "; ") + ".")
  }
}
