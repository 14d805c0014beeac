import Results

/// Fig. 7 of the paper: attention before and after zeroing random dimensions, or the peaks, of
/// low-norm keys.
public enum PeakDimensionsFigure: CaptureFigure {
  public static let name = "peak-dimensions"
  public static let summary = "attention without the peaks of low-norm keys (Fig. 7)"
  public static let needs: [CapturePart] = [.keyNorms, .rotatedKeys, .rotatedQueries]

  static let maximumHeads = 12

  /// The heads that the figure shows, by their place in the capture: `PeakDimensions` of these is
  /// what the options should bring.
  public static func heads(
    of capture: PromptCapture, wanted: [HeadIndex] = []
  ) -> [(layer: Int, head: Int)] {
    places(capture, wanted).map { ($0.layer, $0.index) }
  }

  private static func places(
    _ capture: PromptCapture, _ wanted: [HeadIndex]
  ) -> [CaptureHeads.Place] {
    CaptureHeads.places(capture, wanted, usual: 1, maximum: maximumHeads)
  }

  public static func scene(_ capture: PromptCapture, options: FigureOptions) -> Scene {
    let places = places(capture, options.heads)
    let axis = TokenAxis(capture.tokens)
    let side = axis.side
    let left = FigureStyle.margin + FigureStyle.labelSize + 8 + max(axis.labelRoom, 44)
    let pitch = side + 34
    let width = left + 3 * pitch + ScoreBar.width + FigureStyle.margin
    let results = places.map { place in
      options.peaks.first { $0.layer == place.layer && $0.head == place.index }
    }

    let title = "Attention without the peak dimensions of low-norm keys"
    var scene = Scene(
      width: width, height: 0, title: title, summary: summaryText(places, results))
    var caption = CaptureHeads.caption(capture)
    if let result = results.compactMap({ $0 }).first {
      caption += [
        "keys in the cache changed from query \(result.step) on",
        "\(result.dimensions) of \(capture.model.headDim) dimensions of "
          + "\(result.changed.count) \(result.changed.count == 1 ? "key" : "keys") set to zero",
      ]
    }
    let pooling = axis.pooling
    if pooling > 1 { caption.append("a cell is the greatest of \(pooling) × \(pooling) scores") }
    let top = FigureHeader(title: title, captionParts: caption).draw(on: &scene, width: width)

    let colorMap = options.colorMap ?? .viridis
    let rowHeight = 44 + side + axis.roomBelow + 14
    for (number, place) in places.enumerated() {
      let y = top + 44 + Double(number) * rowHeight
      guard let result = results[number] else {
        scene.add(
          Label(
            "\(place.title): no values", at: Point(left, y), size: FigureStyle.labelSize,
            paint: .role(.mutedInk)))
        continue
      }
      let maps: [(String, [[Float]], Double?)] = [
        (place.title, result.before, nil),
        (
          "Random dimensions zeroed", result.withoutRandom,
          result.moved(to: result.withoutRandom)
        ),
        ("Peak dimensions zeroed", result.withoutPeaks, result.moved(to: result.withoutPeaks)),
      ]
      for (column, (name, rows, moved)) in maps.enumerated() {
        let plot = Rectangle(
          x: left + Double(column) * pitch, y: y, width: side, height: side)
        let map = TokenMap(
          axis: axis, rows: rows, window: capture.layers[place.layer].window, colorMap: colorMap)
        scene.add(Label(name, at: Point(plot.x, plot.y - 24), size: 12.5, weight: .bold))
        let effect = moved.map {
          NumberText.fixed(100 * $0, decimals: 1) + " % of attention moves below the line"
        }
        scene.add(
          Label(
            effect ?? "unchanged keys", at: Point(plot.x, plot.y - 9), size: FigureStyle.tickSize,
            paint: .role(.mutedInk)))
        map.draw(on: &scene, plot: plot)
        drawStep(result, axis, on: &scene, plot)
        axis.drawPositions(on: &scene, plot: plot)
        if column == 0 { axis.drawQueries(on: &scene, plot: plot) }
      }
      ScoreBar(colorMap: colorMap, label: "Attention score").draw(
        on: &scene, left: left + 3 * pitch - 4, top: y, height: side)
    }
    scene.height = (top + Double(places.count) * rowHeight + 8).rounded(.up)
    return scene
  }

  /// A line above the first changed row.
  private static func drawStep(
    _ result: PeakDimensions, _ axis: TokenAxis, on scene: inout Scene, _ plot: Rectangle
  ) {
    let y = plot.y + axis.middle(result.step) - axis.middle(0)
    scene.addLine(
      from: Point(plot.x, y), to: Point(plot.maxX, y),
      Stroke(.role(.warning), width: 1, dash: [4, 3]))
  }

  private static func summaryText(
    _ places: [CaptureHeads.Place], _ results: [PeakDimensions?]
  ) -> String {
    let heads = zip(places, results).map { place, result in
      guard let result else { return "\(place.title): no values" }
      func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 1) + " %" }
      return "\(place.title): zeroing peaks moves \(percent(result.moved(to: result.withoutPeaks)))"
        + " of attention, zeroing random dimensions "
        + percent(result.moved(to: result.withoutRandom))
    }
    return "Attention before and after. " + heads.joined(separator: "; ") + "."
  }
}
