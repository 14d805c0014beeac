import Results

/// Fig. 8 of the paper: attention loss of the score and of the ideal order against the
/// compression ratio, for chosen heads.
public enum AttentionLossFigure: Figure {
  public static let name = "attention-loss"
  public static let summary = "attention loss against compression of chosen heads (Fig. 8)"

  static let plotSize = (width: 300.0, height: 220.0)
  /// More panels than this are not drawn.
  static let maximumPanels = 64

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let chosen = options.heads.isEmpty ? extremeHeads(result) : options.heads
    let heads = Array(chosen.prefix(maximumPanels))
    let columns = max(1, min(heads.count, heads.count > 4 ? 3 : 2))
    let panelWidth = LinePanel.leftRoom + plotSize.width
    let width = 2 * FigureStyle.margin + Double(columns) * panelWidth + Double(columns - 1) * 18

    let curves = heads.map { curve(of: $0, in: result) }
    let greatest = curves.compactMap { $0?.loss.last }.max() ?? 1
    let yRange = 0...top(for: greatest)

    let title = "Attention loss and its ideal reference"
    var scene = Scene(
      width: width, height: 0, title: title, summary: summaryText(heads, result))
    let omitted =
      chosen.count > heads.count ? ["the first \(heads.count) of \(chosen.count) heads"] : []
    let top = FigureHeader(title: title, captionParts: ResultCaption.parts(result) + omitted)
      .draw(on: &scene, width: width)
    let score = ResultCaption.scoreName(result)
    let legendEnd = LegendEntry.drawRow(
      [
        LegendEntry(sign: .line(scoreStroke), text: "dropping by \(score)"),
        LegendEntry(sign: .line(idealStroke), text: "ideal order"),
        LegendEntry(sign: .line(randomStroke), text: "at random"),
        LegendEntry(sign: .swatch(areaPaint), text: "area = ALR / n"),
      ], on: &scene, left: FigureStyle.margin, width: width - 2 * FigureStyle.margin, top: top)
    var bottom = legendEnd
    for (index, head) in heads.enumerated() {
      let column = index % columns
      let row = index / columns
      let plot = Rectangle(
        x: FigureStyle.margin + LinePanel.leftRoom + Double(column) * (panelWidth + 18),
        y: legendEnd + 8 + LinePanel.topRoom
          + Double(row) * (LinePanel.topRoom + plotSize.height + LinePanel.bottomRoom + 8),
        width: plotSize.width, height: plotSize.height)
      panel(head, curves[index], result, yRange: yRange, isLeftmost: column == 0)
        .draw(on: &scene, plot: plot)
      bottom = max(bottom, plot.maxY + LinePanel.bottomRoom)
    }
    scene.height = (bottom + 16).rounded(.up)
    return scene
  }

  /// The end of the loss axis. Scores of a row add up to 1 but for rounding, which is no reason to
  /// show room above 1.
  private static func top(for greatest: Double) -> Double {
    greatest > 1 && greatest < 1.001 ? 1 : Ticks.roundedUp(min(max(greatest, 1e-6), 1e6))
  }

  /// The head that the score serves best and the one it serves worst, by `alr_ratio`.
  static func extremeHeads(_ result: AnalysisResult) -> [HeadIndex] {
    let grid = HeadGrid(result, value: \.alrRatio)
    var best: (index: Int, value: Double)?
    var worst: (index: Int, value: Double)?
    for (index, value) in grid.values.enumerated() {
      guard let value else { continue }
      if value < best?.value ?? .infinity { best = (index, value) }
      if value > worst?.value ?? -.infinity { worst = (index, value) }
    }
    guard let best, let worst else {
      return grid.values.isEmpty ? [] : [HeadIndex(layer: 0, head: 0)]
    }
    let indices = best.index == worst.index ? [best.index] : [best.index, worst.index]
    return indices.map { HeadIndex(layer: $0 / grid.heads, head: $0 % grid.heads) }
  }

  private static let scoreStroke = Stroke(.role(.accent), width: 2)
  private static let idealStroke = Stroke(.role(.reference), width: 1.75, dash: [5, 4])
  private static let randomStroke = Stroke(.role(.axis), width: 1, dash: [1, 3.5])
  private static let areaPaint = Paint.role(.accent, opacity: 0.16)

  private static func curve(of head: HeadIndex, in result: AnalysisResult)
    -> (loss: [Double], reference: [Double])?
  {
    let arrays = result.arrays
    guard
      let loss = LossCurves.mean(
        of: arrays[.attentionLoss], foldChunks: arrays[.foldChunks], layer: head.layer,
        head: head.head),
      let reference = LossCurves.mean(
        of: arrays[.referenceLoss], foldChunks: arrays[.foldChunks], layer: head.layer,
        head: head.head)
    else { return nil }
    return (loss, reference)
  }

  private static func panel(
    _ head: HeadIndex, _ curves: (loss: [Double], reference: [Double])?, _ result: AnalysisResult,
    yRange: ClosedRange<Double>, isLeftmost: Bool
  ) -> LinePanel {
    let measures = result.heads.first { $0.layer == head.layer && $0.head == head.head }?.measures
    var panel = LinePanel(
      title: "Layer \(head.layer), head \(head.head)",
      subtitle: "ALR / n \(MeasureFormat.normalized.text(measures?.alrNormalized)) · "
        + "ALR ratio \(MeasureFormat.ratio.text(measures?.alrRatio))",
      curves: [], xRange: 0...1, yRange: yRange, xLabel: "Compression ratio",
      yLabel: isLeftmost ? "Attention loss" : nil)
    guard let curves else { return panel }
    func points(_ values: [Double]) -> [Point] {
      values.enumerated().map { Point(Double($0.offset) / 100, $0.element) }
    }
    let loss = points(curves.loss)
    let reference = points(curves.reference)
    panel.areas = [(loss + reference.reversed(), areaPaint)]
    panel.curves = [
      LinePanel.Curve(
        points: [Point(0, 0), Point(1, curves.loss.last ?? 0)], stroke: randomStroke),
      LinePanel.Curve(points: reference, stroke: idealStroke),
      LinePanel.Curve(points: loss, stroke: scoreStroke),
    ]
    return panel
  }

  private static func summaryText(_ heads: [HeadIndex], _ result: AnalysisResult) -> String {
    let names = heads.map { "layer \($0.layer), head \($0.head)" }.joined(separator: "; ")
    return "Attention loss when dropping by \(ResultCaption.scoreName(result)) and in the ideal "
      + "order, from none to all positions dropped: \(names.isEmpty ? "no heads" : names)."
  }
}
