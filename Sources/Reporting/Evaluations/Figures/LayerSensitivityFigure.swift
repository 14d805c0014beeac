import Results

/// What compressing each layer alone costs, a line a share.
public enum LayerSensitivityFigure: EvaluationFigure {
  public static let name = "sensitivity"
  public static let summary = "rise of the loss where one layer alone is compressed"
  public static let kinds: Set<Evaluation.Kind> = [.lm]

  public static func shows(_ evaluation: Evaluation) -> Bool {
    LayerSensitivity(evaluation) != nil
  }

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let sensitivity = LayerSensitivity(evaluation)
    let rows = sensitivity.map(LayerRises.init)
    let shares = sensitivity?.droppedShares ?? []
    // No readable figure has more; a layer that a model cannot have has no place.
    let strokes = shares.indices.map(LineStyles.stroke)
    let layers = sensitivity?.layers ?? []
    let quantity = "Rise of NLL (nats a token)"
    var panel = LinePanel(
      title: "", subtitle: "", curves: [],
      xRange: -0.5...max(Double(evaluation.model.layers) - 0.5, 0.5), yRange: 0...1,
      xLabel: "Layer that alone is compressed", yLabel: quantity)
    let count = min(max(evaluation.model.layers, 0), 1 << 12)
    let marked = Ticks.indices(
      count: count, spacing: 620 / Double(max(count, 1)), minimumSpacing: 24)
    panel.xTicks = Ticks(values: marked.map(Double.init), labels: marked.map { "\($0)" })
    var shown: [Double] = [0]
    for share in shares.indices {
      let places = layers.indices.filter { rows?.means[$0][share].isFinite ?? false }
      guard let rows, !places.isEmpty else { continue }
      func points(_ value: (_ mean: Double, _ error: Double) -> Double) -> [Point] {
        places.map {
          Point(Double(layers[$0]), value(rows.means[$0][share], rows.errors[$0][share] ?? 0))
        }
      }
      let (low, high) = (points { $0 - $1 }, points { $0 + $1 })
      shown += (low + high).map(\.y)
      if rows.hasErrors {
        panel.areas.append((low + high.reversed(), LineStyles.band(of: strokes[share])))
      }
      panel.curves.append(
        LinePanel.Curve(points: points { mean, _ in mean }, stroke: strokes[share], isDotted: true)
      )
    }
    if shown.contains(where: { $0 != 0 }) {
      panel.yRange = CurvePanels.range(of: shown, within: -1e9...1e9)
    }
    let caption =
      EvaluationCaption.parts(evaluation) + [
        LabelText.visible(String((sensitivity?.policy ?? "").prefix(80))),
        rows?.hasErrors == true ? "bands: ± 1 standard error" : "",
      ]
    return CurvePanels(
      header: FigureHeader(
        title: "What compressing one layer alone costs", captionParts: caption),
      summary: summary(layers, shares, rows),
      legend: zip(shares, strokes).map {
        LegendEntry(sign: .line($1), text: "\(LayerRises.percent($0)) dropped")
      }, panels: [panel]
    ).scene()
  }

  private static func summary(
    _ layers: [Int], _ shares: [Double], _ rows: LayerRises?
  ) -> String {
    guard let rows, let last = shares.indices.last,
      let worst = layers.indices.filter({ rows.means[$0][last].isFinite })
        .max(by: { rows.means[$0][last] < rows.means[$1][last] })
    else { return "Rise of the loss by layer; no values." }
    return "Rise of the mean negative log likelihood by layer; with "
      + "\(LayerRises.percent(shares[last])) dropped most in layer \(layers[worst]): "
      + "\(NumberText.significant(rows.means[worst][last])) nats a token."
  }
}
