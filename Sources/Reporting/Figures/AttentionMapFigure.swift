import AttentionAnalysis
import Foundation

/// Figs. 2 and 19 to 24 of the paper: the attention map of chosen heads above the key norms that
/// they read.
public enum AttentionMapFigure: CaptureFigure {
  public static let name = "attention-map"
  public static let summary = "attention map above key norms of chosen heads (Figs. 2, 19-24)"
  public static let needs: [CapturePart] = [.attention, .keyNorms]

  static let side = 264.0
  static let normHeight = 84.0
  static let usualPanels = 5
  static let maximumPanels = 24
  static let maximumColumns = 4

  public static func scene(_ capture: PromptCapture, options: FigureOptions) -> Scene {
    let places = CaptureHeads.places(
      capture, options.heads, usual: usualPanels, maximum: maximumPanels)
    let columns = max(1, min(places.count, places.count == 5 ? 5 : maximumColumns))
    // Five heads side by side, as in the paper, are a little smaller.
    let side = columns > maximumColumns ? 212.0 : Self.side
    let labels = capture.tokens.map(\.label)
    // Tick labels of norms stand there too.
    let labelRoom = max(TokenMap.labelRoom(labels), 44)
    let left = FigureStyle.margin + FigureStyle.labelSize + 8 + labelRoom
    let pitch = side + 34
    let right = left + Double(columns) * pitch
    let width = max(right + ScoreBar.width + FigureStyle.margin, FigureStyle.minimumWidth)

    let title = "Attention and key norms"
    var scene = Scene(
      width: width, height: 0, title: title, summary: summaryText(places, capture))
    var caption = CaptureHeads.caption(capture)
    let pooling = TokenMap.pooling(capture.tokens.count)
    if pooling > 1 {
      caption.append("a cell is the greatest of \(pooling) × \(pooling) scores")
      caption.append("a bar the least of \(pooling) norms")
    }
    let top = FigureHeader(title: title, captionParts: caption).draw(on: &scene, width: width)

    let colorMap = options.colorMap ?? .viridis
    let rowHeight = 24 + side + 10 + normHeight + labelRoom + 26
    for (number, place) in places.enumerated() {
      let column = number % columns
      let plot = Rectangle(
        x: left + Double(column) * pitch,
        y: top + 24 + Double(number / columns) * rowHeight, width: side, height: side)
      let rows = (0..<capture.tokens.count).compactMap {
        capture.attentionRow(layer: place.layer, head: place.index, query: $0)
      }
      let map = TokenMap(
        labels: labels, rows: rows, window: capture.layers[place.layer].window,
        colorMap: colorMap)
      scene.add(
        Label(
          place.title, at: Point(plot.x, plot.y - 9), size: 12.5, weight: .bold))
      map.draw(on: &scene, plot: plot)
      scene.addLine(
        from: Point(plot.x, plot.y), to: Point(plot.x, plot.maxY), Stroke(.role(.axis)))
      scene.addLine(
        from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY), Stroke(.role(.axis)))
      let normPlot = Rectangle(
        x: plot.x, y: plot.maxY + 10, width: side, height: normHeight)
      drawNorms(
        capture.keyNorms(layer: place.layer, head: place.index) ?? [], on: &scene, plot: normPlot)
      map.drawPositionLabels(on: &scene, plot: normPlot)
      if column == 0 {
        map.drawQueryLabels(on: &scene, plot: plot)
        drawAxisTitle("Query", on: &scene, plot)
        drawAxisTitle("Key norm", on: &scene, normPlot)
      }
      if column == columns - 1 || number == places.count - 1 {
        ScoreBar(colorMap: colorMap, label: "Attention score").draw(
          on: &scene, left: plot.maxX + 18, top: plot.y, height: side)
      }
    }
    let panelRows = (places.count + columns - 1) / columns
    scene.height = (top + Double(panelRows) * rowHeight + 8).rounded(.up)
    return scene
  }

  private static func drawAxisTitle(_ text: String, on scene: inout Scene, _ plot: Rectangle) {
    scene.add(
      Label(
        text,
        at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, plot.y + plot.height / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }

  /// Bars from 0, coloured by the logarithm of the norm within this head.
  private static func drawNorms(_ all: [Double], on scene: inout Scene, plot: Rectangle) {
    let pooling = TokenMap.pooling(all.count)
    let norms = stride(from: 0, to: all.count, by: pooling).map { first in
      all[first..<min(first + pooling, all.count)].min() ?? 0
    }
    let limit = Ticks.roundedUp(norms.max() ?? 1)
    let logarithms = norms.map { log(max($0, 1e-30)) }
    let least = logarithms.min() ?? 0
    let extent = (logarithms.max() ?? 0) - least
    let middle = { TokenMap.middle($0, of: norms.count, length: plot.width) }
    let pitch = middle(1) - middle(0)
    let width = max(pitch > 4 ? pitch - 1 : pitch, 0.2)
    for (index, norm) in norms.enumerated() {
      let height = min(norm / limit, 1) * plot.height
      let share = extent > 0 ? (logarithms[index] - least) / extent : 0.5
      guard let color = ColorMap.magma.color(at: 0.15 + 0.65 * share) else { continue }
      scene.add(
        .rectangle(
          Rectangle(
            x: plot.x + middle(index) - width / 2, y: plot.maxY - height, width: width,
            height: height), .color(color)))
    }
    scene.addLine(
      from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY), Stroke(.role(.axis)))
    let size = TokenMap.labelSize
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
