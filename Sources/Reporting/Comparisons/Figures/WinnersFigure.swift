import Results

/// The score of the lowest ALR ratio of every KV head of every layer.
public enum WinnersFigure: ComparisonFigure {
  public static let name = "winners"
  public static let summary = "the best score by layer and KV head"

  public static func scene(_ comparison: ScoreComparison) -> Scene {
    let rows = min(max(comparison.model.layers, 0), HeadGrid.maximumExtent)
    let columns = min(max(comparison.model.kvHeads, 0), HeadGrid.maximumExtent)
    var winners = [BestScore?](repeating: nil, count: rows * columns)
    for place in comparison.kvHeads {
      guard let layer = place.layer, let kvHead = place.kvHead, (0..<rows).contains(layer),
        (0..<columns).contains(kvHead)
      else { continue }
      winners[layer * columns + kvHead] = place.best
    }
    let (cellWidth, cellHeight) = HeatmapPlot.cellSize(rows: rows, columns: columns)
    let rowTicks = Ticks.indices(count: rows, spacing: cellHeight, minimumSpacing: 18)
    let labelWidth = TextMetrics.width("\(rowTicks.last ?? 0)", size: FigureStyle.tickSize)
    let left = FigureStyle.margin + FigureStyle.labelSize + 10 + labelWidth + 8
    let width = max(
      left + cellWidth * Double(columns) + FigureStyle.margin, FigureStyle.minimumWidth)
    let header = FigureHeader(
      title: "Best score by layer and KV head", captionParts: caption(comparison))

    var scene = Scene(
      width: width, height: 0, title: header.title, summary: words(comparison, winners))
    let top = header.draw(on: &scene, width: width) + 12
    let bottom = top + cellHeight * Double(rows)
    let cells = CellGrid(
      origin: Point(left, top), rows: rows, columns: columns, cellWidth: cellWidth,
      cellHeight: cellHeight, gap: cellWidth >= 12 && cellHeight >= 12 ? 1 : 0,
      colors: winners.map { best in
        best.map {
          $0.isClear == true ? ScoreColors.color($0.score) : ScoreColors.pale($0.score)
        }
      })
    for index in winners.indices where winners[index] == nil {
      MissingCell.draw(
        cells.rectangle(row: index / columns, column: index % columns), on: &scene)
    }
    scene.add(.cells(cells))
    drawAxes(
      on: &scene, origin: Point(left, top), cellWidth: cellWidth, cellHeight: cellHeight,
      columns: columns, bottom: bottom, rowTicks: rowTicks)
    let end = LegendEntry.drawRow(
      legend(comparison, winners), on: &scene, left: FigureStyle.margin,
      width: width - 2 * FigureStyle.margin, top: bottom + 24 + FigureStyle.labelSize + 14)
    scene.height = (end + 16).rounded(.up)
    return scene
  }

  private static func caption(_ comparison: ScoreComparison) -> [String] {
    let corpus = comparison.corpus
    let chunks = corpus.chunks == 1 ? "1 chunk" : "\(NumberText.grouped(corpus.chunks)) chunks"
    return [
      LabelText.visible(comparison.model.name), LabelText.visible(corpus.name),
      "\(chunks) × \(NumberText.grouped(corpus.chunkLength)) positions",
      "query \(LabelText.visible(comparison.protocolSummary.query))",
    ]
  }

  /// The scores that win anywhere, and what pale cells are.
  private static func legend(
    _ comparison: ScoreComparison, _ winners: [BestScore?]
  ) -> [LegendEntry] {
    var entries = comparison.scores.indices.compactMap { score -> LegendEntry? in
      guard winners.contains(where: { $0?.score == score }) else { return nil }
      return LegendEntry(
        sign: .swatch(.color(ScoreColors.color(score))),
        text: LabelText.visible(comparison.scores[score]))
    }
    if let unclear = winners.first(where: { $0 != nil && $0?.isClear != true }), let unclear {
      entries.append(
        LegendEntry(
          sign: .swatch(.color(ScoreColors.pale(unclear.score))),
          text: "pale: the next one may be as good"))
    }
    if winners.contains(where: { $0 == nil }) {
      entries.append(LegendEntry(sign: .missing, text: "no value"))
    }
    return entries
  }

  private static func words(_ comparison: ScoreComparison, _ winners: [BestScore?]) -> String {
    let parts = comparison.scores.indices.compactMap { score -> String? in
      let count = winners.count { $0?.score == score }
      return count > 0 ? "\(LabelText.visible(comparison.scores[score])) in \(count)" : nil
    }
    return "Of \(winners.count) KV heads the best score is "
      + (parts.isEmpty ? "nowhere known" : parts.joined(separator: ", ")) + "."
  }

  private static func drawAxes(
    on scene: inout Scene, origin: Point, cellWidth: Double, cellHeight: Double, columns: Int,
    bottom: Double, rowTicks: [Int]
  ) {
    let size = FigureStyle.tickSize
    let axis = Stroke(.role(.axis), width: 1)
    for row in rowTicks {
      let y = origin.y + (Double(row) + 0.5) * cellHeight
      scene.addLine(from: Point(origin.x - 5, y), to: Point(origin.x - 2, y), axis)
      scene.add(
        Label(
          "\(row)", at: Point(origin.x - 8, y + 0.36 * size), size: size, anchor: .end,
          paint: .role(.mutedInk)))
    }
    let widest = TextMetrics.width("\(max(columns - 1, 0))", size: size)
    for column in Ticks.indices(
      count: columns, spacing: cellWidth, minimumSpacing: max(widest + 7, 15))
    {
      let x = origin.x + (Double(column) + 0.5) * cellWidth
      scene.addLine(from: Point(x, bottom + 2), to: Point(x, bottom + 5), axis)
      scene.add(
        Label(
          "\(column)", at: Point(x, bottom + 8 + 0.8 * size), size: size, anchor: .middle,
          paint: .role(.mutedInk)))
    }
    scene.add(
      Label(
        "KV head", at: Point(origin.x + cellWidth * Double(columns) / 2, bottom + 34),
        size: FigureStyle.labelSize, anchor: .middle))
    scene.add(
      Label(
        "Layer",
        at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, (origin.y + bottom) / 2),
        size: FigureStyle.labelSize, anchor: .middle, rotation: -90))
  }
}
