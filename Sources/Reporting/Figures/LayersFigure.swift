import Results

/// The ratio that decides for every layer, over its KV heads, with its interval, and the answers.
public enum LayersFigure: Figure {
  public static let name = "layers"
  public static let summary = "ALR ratio of each layer with 95 % interval; what is advised"

  static let plotHeight = 240.0

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let count = min(max(result.model.layers, 0), HeadGrid.maximumExtent)
    let rows = (0..<count).map { result.recommendation[layer: $0] }

    let pitch = max(min((720 / Double(max(count, 1))).rounded(.down), 96), 5)
    let plotWidth = max(pitch * Double(count), 300)
    let chanceLabel = "chance"
    let right = TextMetrics.width(chanceLabel, size: FigureStyle.tickSize) + 12
    let left = FigureStyle.margin + LinePanel.leftRoom
    let width = max(left + plotWidth + right + FigureStyle.margin, FigureStyle.minimumWidth)

    let title = "ALR ratio of the KV heads by layer"
    var scene = Scene(
      width: width, height: 0, title: title, summary: summaryText(rows))
    let top = FigureHeader(title: title, captionParts: ResultCaption.parts(result))
      .draw(on: &scene, width: width)
    var entries: [LegendEntry] = []
    for answer in [Answer.skip, .compress, .unsure]
    where rows.contains(where: { $0?.answer == answer }) {
      entries.append(LegendEntry(sign: .bar(answer), text: answer.words))
    }
    if rows.contains(where: { interval(of: $0) != nil }) {
      entries.append(LegendEntry(sign: .line(errorStroke(1)), text: "95 % interval"))
    }
    if rows.contains(where: { ratio(of: $0) == nil }) {
      entries.append(LegendEntry(sign: .missing, text: "no value"))
    }
    let plotTop =
      LegendEntry.drawRow(
        entries, on: &scene, left: FigureStyle.margin, width: width - 2 * FigureStyle.margin,
        top: top) + 16
    let plot = Rectangle(x: left, y: plotTop, width: plotWidth, height: plotHeight)
    drawBars(rows, on: &scene, plot: plot, chanceLabel: chanceLabel)
    scene.height = (plot.maxY + LinePanel.bottomRoom + 12).rounded(.up)
    return scene
  }

  private static func ratio(of row: LayerAdvice?) -> Double? {
    row?.ratio.flatMap { $0.isFinite ? $0 : nil }
  }

  private static func interval(of row: LayerAdvice?) -> ClosedRange<Double>? {
    guard let low = row?.low, let high = row?.high, low.isFinite, high.isFinite, low <= high
    else { return nil }
    return low...high
  }

  private static func errorStroke(_ width: Double) -> Stroke {
    Stroke(.role(.ink), width: width)
  }

  private static func drawBars(
    _ rows: [LayerAdvice?], on scene: inout Scene, plot: Rectangle, chanceLabel: String
  ) {
    // A ratio lies within 0…2; what a stranger's file says beyond is cut at the edge of the plot.
    let reach =
      rows.map { min(interval(of: $0)?.upperBound ?? ratio(of: $0) ?? 0, 2.2) }.max() ?? 1
    let limit = max(1.1, Ticks.roundedUp(max(reach, 1)))
    func y(_ value: Double) -> Double {
      plot.maxY - min(max(value / limit, 0), 1) * plot.height
    }
    let size = FigureStyle.tickSize
    let ticks = Ticks.linear(over: 0...limit, maximum: 7)
    for (value, text) in zip(ticks.values, ticks.labels) {
      scene.addLine(
        from: Point(plot.x, y(value)), to: Point(plot.maxX, y(value)), Stroke(.role(.grid)))
      scene.add(
        Label(
          text, at: Point(plot.x - 7, y(value) + 0.36 * size), size: size, anchor: .end,
          paint: .role(.mutedInk)))
    }
    let pitch = plot.width / Double(max(rows.count, 1))
    let barWidth = min(max((pitch * 0.72).rounded(), 1), 44)
    for (index, row) in rows.enumerated() {
      let middle = plot.x + (Double(index) + 0.5) * pitch
      guard let value = ratio(of: row) else {
        let side = min(barWidth, 11)
        MissingCell.draw(
          Rectangle(x: middle - side / 2, y: plot.maxY - side - 2, width: side, height: side),
          on: &scene)
        continue
      }
      AnswerMark.drawBar(
        row?.answer,
        Rectangle(
          x: middle - barWidth / 2, y: y(value), width: barWidth, height: plot.maxY - y(value)),
        on: &scene)
      if let interval = interval(of: row), interval.lowerBound < interval.upperBound {
        let stroke = errorStroke(pitch < 10 ? 0.75 : 1)
        scene.addLine(
          from: Point(middle, y(interval.lowerBound)), to: Point(middle, y(interval.upperBound)),
          stroke)
        guard pitch >= 10 else { continue }
        for end in [interval.lowerBound, interval.upperBound] {
          scene.addLine(from: Point(middle - 2.5, y(end)), to: Point(middle + 2.5, y(end)), stroke)
        }
      }
    }
    scene.addLine(
      from: Point(plot.x, y(1)), to: Point(plot.maxX, y(1)),
      Stroke(.role(.ink), width: 1, dash: [4, 3]))
    scene.add(
      Label(
        chanceLabel, at: Point(plot.maxX + 6, y(1) + 0.36 * size), size: size,
        paint: .role(.mutedInk)))
    drawAxes(rows.count, on: &scene, plot: plot, pitch: pitch)
  }

  private static func drawAxes(
    _ count: Int, on scene: inout Scene, plot: Rectangle, pitch: Double
  ) {
    let size = FigureStyle.tickSize
    scene.addLine(
      from: Point(plot.x, plot.maxY), to: Point(plot.maxX, plot.maxY), Stroke(.role(.axis)))
    let widest = TextMetrics.width("\(max(count - 1, 0))", size: size)
    for index in Ticks.indices(count: count, spacing: pitch, minimumSpacing: widest + 8) {
      let x = plot.x + (Double(index) + 0.5) * pitch
      scene.addLine(
        from: Point(x, plot.maxY), to: Point(x, plot.maxY + FigureStyle.tickLength),
        Stroke(.role(.axis)))
      scene.add(
        Label(
          "\(index)", at: Point(x, plot.maxY + 7 + 0.8 * size), size: size, anchor: .middle,
          paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        "Layer", at: Point(plot.x + plot.width / 2, plot.maxY + 36), size: FigureStyle.labelSize,
        anchor: .middle))
    scene.add(
      Label(
        "ALR ratio (0 ideal, 1 chance)",
        at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, plot.y + plot.height / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }

  private static func summaryText(_ rows: [LayerAdvice?]) -> String {
    let answers = Answer.allCases.compactMap { answer -> String? in
      let layers = rows.compactMap { $0?.answer == answer ? $0?.layer : nil }
      return layers.isEmpty ? nil : "\(answer.words): \(NumberRanges.text(layers))"
    }
    return "ALR ratio of the KV heads of \(rows.count) layers"
      + (answers.isEmpty ? "; nothing is advised." : "; \(answers.joined(separator: "; ")).")
  }
}
