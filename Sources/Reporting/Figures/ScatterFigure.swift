import Results

/// Key norm against attention, position by position: a few heads large, many as small multiples.
public enum ScatterFigure: Figure {
  public static let name = "scatter"
  public static let summary = "key norm against attention of chosen heads, with Spearman's ρ"

  static let plotSize = (width: 300.0, height: 220.0)
  /// More heads than this are drawn as small multiples.
  static let maximumLargePanels = 6

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let heads = options.heads.isEmpty ? extremeHeads(result) : options.heads
    let header = FigureHeader(
      title: "Key norm and attention",
      captionParts: ResultCaption.parts(result) + [
        "a point a position, mean over chunks", "ρ: Spearman, mean over chunks",
      ])
    return heads.count > maximumLargePanels
      ? ScatterGrid(header: header, summary: summaryText(heads, result), heads: heads)
        .scene(result)
      : largePanels(heads, header, result)
  }

  /// The heads of the least and of the greatest rank correlation.
  static func extremeHeads(_ result: AnalysisResult) -> [HeadIndex] {
    let grid = HeadGrid(result, value: \.spearman)
    let present = grid.values.enumerated().compactMap { item in
      item.element.map { (index: item.offset, value: $0) }
    }
    guard let least = present.min(by: { $0.value < $1.value }),
      let greatest = present.max(by: { $0.value < $1.value })
    else { return grid.values.isEmpty ? [] : [HeadIndex(layer: 0, head: 0)] }
    let indices = least.index == greatest.index ? [least.index] : [least.index, greatest.index]
    return indices.map { HeadIndex(layer: $0 / grid.heads, head: $0 % grid.heads) }
  }

  private static func largePanels(
    _ heads: [HeadIndex], _ header: FigureHeader, _ result: AnalysisResult
  ) -> Scene {
    let columns = max(1, min(heads.count, heads.count > 4 ? 3 : 2))
    let pitch = LinePanel.leftRoom + plotSize.width + 18
    let width = 2 * FigureStyle.margin + Double(columns) * pitch - 18
    var scene = Scene(
      width: width, height: 0, title: header.title, summary: summaryText(heads, result))
    let top = header.draw(on: &scene, width: width) + 8
    var bottom = top
    for (index, head) in heads.enumerated() {
      let (row, column) = (index / columns, index % columns)
      let plot = Rectangle(
        x: FigureStyle.margin + LinePanel.leftRoom + Double(column) * pitch,
        y: top + LinePanel.topRoom
          + Double(row) * (LinePanel.topRoom + plotSize.height + LinePanel.bottomRoom + 8),
        width: plotSize.width, height: plotSize.height)
      panel(head, KeyAttention(head, in: result), isLeftmost: column == 0)
        .draw(on: &scene, plot: plot)
      bottom = max(bottom, plot.maxY + LinePanel.bottomRoom)
    }
    scene.height = (bottom + 16).rounded(.up)
    return scene
  }

  private static func panel(
    _ head: HeadIndex, _ data: KeyAttention?, isLeftmost: Bool
  ) -> LinePanel {
    var panel = LinePanel(
      title: "Layer \(head.layer), head \(head.head)",
      subtitle: "ρ " + NumberText.typeset(MeasureFormat.spearman.text(data?.spearman)),
      curves: [], xRange: data?.xRange ?? 0...1, yRange: data?.yRange ?? -1...0,
      xLabel: "Key norm", yLabel: isLeftmost ? "Attention score" : nil)
    panel.yTicks = Ticks.logarithmic(
      over: panel.yRange, maximum: max(3, Int(plotSize.height / 36)))
    if let data {
      panel.dots = data.points
    } else {
      panel.yTicks = Ticks(values: [], labels: [])
      panel.xTicks = Ticks(values: [], labels: [])
    }
    return panel
  }

  private static func summaryText(_ heads: [HeadIndex], _ result: AnalysisResult) -> String {
    if heads.count > maximumLargePanels {
      return "Key norm against attention score of \(heads.count) heads, a small panel each."
    }
    let grid = HeadGrid(result, value: \.spearman)
    let names = heads.map { head -> String in
      let isThere =
        (0..<grid.layers).contains(head.layer) && (0..<grid.heads).contains(head.head)
      let value = MeasureFormat.spearman.text(isThere ? grid[head.layer, head.head] : nil)
      return "layer \(head.layer), head \(head.head) (Spearman \(value))"
    }
    return "Key norm against attention score, a point a position: "
      + (names.isEmpty ? "no heads." : names.joined(separator: "; ") + ".")
  }
}
