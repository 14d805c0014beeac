import Results

/// Settings against one another at equal memory: the difference of their losses with its interval, a
/// panel for each setting that others are compared with.
public enum SettingDifferencesFigure: EvaluationFigure {
  public static let name = "comparisons"
  public static let summary = "differences of settings at equal memory, with 95 % intervals"
  public static let kinds: Set<Evaluation.Kind> = [.lm]

  private static let mostRows = 60
  private static let mostPanels = 12
  private static let rowHeight = 22.0
  private static let plotWidth = 420.0
  private static let mostNameWidth = 260.0

  public static func shows(_ evaluation: Evaluation) -> Bool { !evaluation.comparisons.isEmpty }

  /// Comparisons with one setting.
  private struct Panel {
    var against: Int
    var rows: [Evaluation.Comparison]
  }

  /// What may be drawn of a number from a file.
  private static func drawn(_ value: Double?) -> Double? {
    value.flatMap { $0.magnitude < 1e9 ? $0 : nil }
  }

  public static func scene(_ evaluation: Evaluation, options: FigureOptions) -> Scene {
    let names = SettingNames(evaluation.settings)
    let rows = evaluation.comparisons.prefix(mostRows)
    let all = panels(rows)
    let panels = all.prefix(mostPanels)
    let format = NumberFormat(for: rows.compactMap { drawn($0.mean) }, figures: 3)
    let size = FigureStyle.captionSize
    let texts = panels.map { $0.rows.map { NumberText.typeset(text($0, format)) } }
    let valueWidth = texts.joined().map { TextMetrics.width($0, size: size) }.max() ?? 0
    let nameWidth = min(
      rows.map { TextMetrics.width(names.names[$0.setting], size: size) }.max() ?? 0,
      mostNameWidth)
    let left = FigureStyle.margin + nameWidth + 14
    let width = max(
      left + plotWidth + 14 + valueWidth + FigureStyle.margin, FigureStyle.minimumWidth)
    let chunks = evaluation.comparisons.map(\.chunks).max() ?? 0
    let header = FigureHeader(
      title: "What compression costs, settings against one another",
      captionParts: EvaluationCaption.parts(evaluation) + [
        names.sharedWords ?? "", chunks > 1 ? "lines: 95 % intervals, paired over chunks" : "",
        EvaluationCaption.omission(
          shown: rows.count, of: evaluation.comparisons.count, "comparison") ?? "",
        EvaluationCaption.omission(shown: panels.count, of: all.count, "panel") ?? "",
      ])
    var scene = Scene(
      width: width, height: 0, title: header.title, summary: summary(rows, names, format))
    var top = header.draw(on: &scene, width: width) + 8
    for (panel, texts) in zip(panels, texts) {
      let plot = Rectangle(
        x: left, y: top + 22, width: plotWidth, height: Double(panel.rows.count) * rowHeight)
      draw(panel, names, texts, valueWidth, on: &scene, plot: plot)
      top = plot.maxY + 34
    }
    scene.add(
      Label(
        "Difference of negative log likelihood (nats a token)",
        at: Point(left + plotWidth / 2, top + 8), size: FigureStyle.labelSize, anchor: .middle))
    scene.height = (top + 24).rounded(.up)
    return scene
  }

  private static func panels(_ rows: some Sequence<Evaluation.Comparison>) -> [Panel] {
    var panels: [Panel] = []
    for row in rows {
      if let index = panels.firstIndex(where: { $0.against == row.against }) {
        panels[index].rows.append(row)
      } else {
        panels.append(Panel(against: row.against, rows: [row]))
      }
    }
    return panels
  }

  private static func text(_ row: Evaluation.Comparison, _ format: NumberFormat) -> String {
    guard let mean = drawn(row.mean) else { return "no value" }
    guard let low = drawn(row.low), let high = drawn(row.high) else { return format.text(mean) }
    return "\(format.text(mean)) (\(format.text(low)) to \(format.text(high)))"
  }

  private static func draw(
    _ panel: Panel, _ names: SettingNames, _ texts: [String], _ valueWidth: Double,
    on scene: inout Scene, plot: Rectangle
  ) {
    let size = FigureStyle.captionSize
    scene.add(
      Label(
        TextMetrics.fitted(
          "against \(names.names[panel.against])", size: 12.5, weight: .bold,
          width: plotWidth + valueWidth),
        at: Point(plot.x, plot.y - 9), size: 12.5, weight: .bold))
    let values = panel.rows.flatMap { [$0.mean, $0.low, $0.high].compactMap(drawn) }
    let range = CurvePanels.range(of: values + [0], within: -1e9...1e9)
    let extent = range.upperBound - range.lowerBound
    func x(_ value: Double) -> Double {
      plot.x + min(max((value - range.lowerBound) / extent, 0), 1) * plot.width
    }
    let ticks = Ticks.linear(over: range, maximum: 6)
    for (value, text) in zip(ticks.values, ticks.labels) {
      scene.addLine(
        from: Point(x(value), plot.y), to: Point(x(value), plot.maxY), Stroke(.role(.grid)))
      scene.add(
        Label(
          text, at: Point(x(value), plot.maxY + 7 + 0.8 * FigureStyle.tickSize),
          size: FigureStyle.tickSize, anchor: .middle, paint: .role(.mutedInk)))
    }
    scene.addLine(
      from: Point(x(0), plot.y), to: Point(x(0), plot.maxY), Stroke(.role(.axis), width: 1.5))
    for (index, row) in panel.rows.enumerated() {
      let middle = plot.y + (Double(index) + 0.5) * rowHeight
      let name = TextMetrics.fitted(names.names[row.setting], size: size, width: mostNameWidth)
      if !name.isEmpty {
        scene.add(
          Label(name, at: Point(plot.x - 14, middle + 0.36 * size), size: size, anchor: .end))
      }
      draw(row, on: &scene, plot: plot, middle: middle, x: x)
      scene.add(
        Label(
          texts[index], at: Point(plot.maxX + 14 + valueWidth, middle + 0.36 * size), size: size,
          anchor: .end, paint: .role(.mutedInk)))
    }
  }

  private static func draw(
    _ row: Evaluation.Comparison, on scene: inout Scene, plot: Rectangle, middle: Double,
    x: (Double) -> Double
  ) {
    guard let mean = drawn(row.mean) else {
      MissingCell.draw(Rectangle(x: plot.x + 2, y: middle - 5.5, width: 11, height: 11), on: &scene)
      return
    }
    if let low = drawn(row.low), let high = drawn(row.high) {
      let ends = [x(low), x(high)]
      scene.addLine(from: Point(ends[0], middle), to: Point(ends[1], middle), Stroke(.role(.ink)))
      for end in ends {
        scene.addLine(
          from: Point(end, middle - 3), to: Point(end, middle + 3), Stroke(.role(.ink)))
      }
    }
    scene.add(
      .rectangle(
        Rectangle(x: x(mean) - 3.5, y: middle - 3.5, width: 7, height: 7), .role(.accent)))
  }

  private static func summary(
    _ rows: some Collection<Evaluation.Comparison>, _ names: SettingNames, _ format: NumberFormat
  ) -> String {
    let texts = rows.prefix(12).map { row in
      "\(names.names[row.setting]) against \(names.names[row.against]): \(text(row, format))"
    }
    return "Differences of negative log likelihood, nats a token. \(texts.joined(separator: "; "))."
  }
}
