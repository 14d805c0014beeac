import Results

/// The predicted cost of every rule's plans against the memory that they save.
public enum FrontierFigure {
  public static let name = "frontier"

  private static let plotSize = (width: 560.0, height: 340.0)

  public static func scene(_ frontier: PlanFrontier) -> Scene {
    let rules = frontier.entries.map(\.rule).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let chosen = rules.filter { rule in
      frontier.entries.contains { $0.rule == rule && $0.isChosen }
    }
    let title = "What saving memory is predicted to cost"
    let width = 2 * FigureStyle.margin + LinePanel.leftRoom + plotSize.width
    let words = frontier.objective.words
    var scene = Scene(
      width: width, height: 0, title: title,
      summary: "Predicted \(words) of \(rules.count) rules by the share of the cache that is saved."
    )
    let top = FigureHeader(
      title: title,
      captionParts: [
        frontier.model.name, "chunks that the plans were not made on",
        "thick: \(chosen.joined(separator: " and ")), of which plans were written",
      ]
    ).draw(on: &scene, width: width)
    let strokes = rules.enumerated().map { index, rule in
      var stroke = LineStyles.stroke(index)
      if chosen.contains(rule) { stroke.width *= 2 }
      return stroke
    }
    let legendEnd = LegendEntry.drawRow(
      zip(rules, strokes).map { LegendEntry(sign: .line($1), text: $0) }, on: &scene,
      left: FigureStyle.margin, width: width - 2 * FigureStyle.margin, top: top)
    let curves = zip(rules, strokes).map { rule, stroke in
      LinePanel.Curve(
        points: frontier.entries.filter { $0.rule == rule }.compactMap { entry in
          frontier.cost(of: entry).flatMap { cost in
            cost.isFinite && cost.magnitude < 1e9 ? Point(entry.saved, cost) : nil
          }
        }, stroke: stroke, isDotted: true)
    }.filter { !$0.points.isEmpty }
    let greatest = curves.flatMap { $0.points.map(\.y) }.max() ?? 1
    let panel = LinePanel(
      title: "", subtitle: "", curves: curves, xRange: 0...1,
      yRange: 0...Ticks.roundedUp(max(greatest, 1e-9)), xLabel: "Share of the cache saved",
      yLabel: "Predicted \(words)")
    let plot = Rectangle(
      x: FigureStyle.margin + LinePanel.leftRoom, y: legendEnd + 18, width: plotSize.width,
      height: plotSize.height)
    panel.draw(on: &scene, plot: plot)
    scene.height = (plot.maxY + LinePanel.bottomRoom + 16).rounded(.up)
    return scene
  }

  /// The figure as SVG and PNG.
  public static func files(_ frontier: PlanFrontier) -> [ResultsFolder.Attachment] {
    let scene = scene(frontier)
    return [SceneFormat.svg, .png].map {
      ResultsFolder.Attachment(
        name: "figures/\(name).\($0.rawValue)", bytes: $0.encode(scene))
    }
  }
}
