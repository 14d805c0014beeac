import Results

/// Figs. 6 and 25 of the paper: keys as a bar a dimension, the first token's against others'.
public enum KeyVectorFigure: CaptureFigure {
  public static let name = "key-vector"
  public static let summary = "key vectors of the first token and of others (Figs. 6, 25)"
  public static let needs: [CapturePart] = [.keys]

  static let plotSize = (width: 400.0, height: 150.0)
  static let maximumPanels = 64
  /// Bars beyond these are not drawn: no model has such heads.
  static let maximumDimensions = 1024

  public static func scene(_ capture: PromptCapture, options: FigureOptions) -> Scene {
    let places = CaptureHeads.onePerKVHead(
      CaptureHeads.places(capture, options.heads, usual: 1, maximum: .max), capture)
    let positions = options.positions.isEmpty ? usualPositions(capture) : options.positions
    let panels = places.flatMap { place in
      positions.filter(capture.tokens.indices.contains).map { (place, $0) }
    }.prefix(maximumPanels)
    let columns = max(1, min(panels.count, 2))
    let panelWidth = LinePanel.leftRoom + plotSize.width
    let width = 2 * FigureStyle.margin + Double(columns) * (panelWidth + 18)

    let title = "Key vectors"
    var scene = Scene(
      width: width, height: 0, title: title,
      summary: "Keys before the rotation, a bar a dimension, of positions "
        + positions.map { "\($0)" }.joined(separator: ", ") + ".")
    let top = FigureHeader(
      title: title, captionParts: CaptureHeads.caption(capture) + ["before the rotation"]
    ).draw(on: &scene, width: width)
    var bottom = top
    for (number, (place, position)) in panels.enumerated() {
      let plot = Rectangle(
        x: FigureStyle.margin + LinePanel.leftRoom + Double(number % columns) * (panelWidth + 18),
        y: top + 8 + LinePanel.topRoom
          + Double(number / columns)
          * (LinePanel.topRoom + plotSize.height + LinePanel.bottomRoom + 10),
        width: plotSize.width, height: plotSize.height)
      let range = range(of: place, positions, capture)
      panel(place, position, capture, range, isLeftmost: number % columns == 0)
        .draw(on: &scene, plot: plot)
      bottom = max(bottom, plot.maxY + LinePanel.bottomRoom)
    }
    scene.height = (bottom + 14).rounded(.up)
    return scene
  }

  /// The first token and three more spread over the prompt.
  private static func usualPositions(_ capture: PromptCapture) -> [Int] {
    let last = capture.tokens.count - 1
    var positions = [0]
    for quarter in 1...3 where last * quarter / 3 > positions.last ?? 0 {
      positions.append(last * quarter / 3)
    }
    return positions
  }

  /// One scale for all positions of a head: norms are to be compared.
  private static func range(
    of place: CaptureHeads.Place, _ positions: [Int], _ capture: PromptCapture
  ) -> ClosedRange<Double> {
    let values = positions.filter(capture.tokens.indices.contains).flatMap {
      capture.key(layer: place.layer, head: place.index, position: $0) ?? []
    }
    let highest = max(0, Double(values.max() ?? 1))
    let lowest = min(0, Double(values.min() ?? 0))
    let top = highest > 0 ? Ticks.roundedUp(highest) : 0
    let bottom = lowest < 0 ? -Ticks.roundedUp(-lowest) : 0
    return bottom < top ? bottom...top : 0...1
  }

  private static func panel(
    _ place: CaptureHeads.Place, _ position: Int, _ capture: PromptCapture,
    _ range: ClosedRange<Double>, isLeftmost: Bool
  ) -> LinePanel {
    let key = capture.key(layer: place.layer, head: place.index, position: position) ?? []
    let shown = key.prefix(maximumDimensions)
    let label = LabelText.axis(capture.tokens[position])
    let kvHead = place.head.head / max(capture.groupSize, 1)
    var panel = LinePanel(
      title: "Layer \(place.head.layer), KV head \(kvHead), position \(position): \(label)",
      subtitle: subtitle(KeySparsity(key)), curves: [],
      xRange: -0.5...max(Double(shown.count) - 0.5, 0.5), yRange: range, xLabel: "Dimension",
      yLabel: isLeftmost ? "Key" : nil)
    guard !shown.isEmpty else { return panel }
    panel.yTicks = Ticks.linear(over: range, maximum: 6)
    panel.areas = shown.enumerated().map { dimension, value in
      let (left, right, y) = (Double(dimension) - 0.4, Double(dimension) + 0.4, Double(value))
      return (
        points: [Point(left, 0), Point(left, y), Point(right, y), Point(right, 0)],
        paint: Paint.role(position == 0 ? .warning : .accent)
      )
    }
    panel.curves = [
      LinePanel.Curve(
        points: [Point(-0.5, 0), Point(Double(shown.count) - 0.5, 0)],
        stroke: Stroke(.role(.axis), width: 1))
    ]
    return panel
  }

  private static func subtitle(_ sparsity: KeySparsity?) -> String {
    guard let sparsity else { return "all dimensions equal" }
    func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 0) + " %" }
    return "norm \(NumberText.significant(sparsity.norm)) · Hoyer "
      + "\(NumberText.fixed(sparsity.hoyer, decimals: 2)) · kurtosis "
      + "\(NumberText.significant(sparsity.kurtosis)) · top 1 %: "
      + "\(percent(sparsity.topEnergy)) of k², \(percent(sparsity.topMass)) of |k|"
  }
}
