import Results

/// Where in the sequence the keys of lowest norm sit: what dropping by key norm would keep.
public enum LowNormsFigure: Figure {
  public static let name = "low-norms"
  public static let summary = "where in the sequence the keys of lowest norm sit, by layer"

  /// The lowest keys: this share of a KV head's positions, rounded up.
  static let share = 0.1
  /// Columns besides that of position 0.
  static let maximumBins = 64

  public static func scene(_ result: AnalysisResult, options: FigureOptions) -> Scene {
    let norms = result.arrays[.keyNormMean]
    let positions = norms.shape.count == 3 ? norms.shape[2] : 0
    let bins = PositionBins(positions: positions)
    let layers = min(max(result.model.layers, 0), HeadGrid.maximumExtent)
    let values = (0..<layers).flatMap { layer in
      (layer < (norms.shape.first ?? 0) && positions > 0)
        ? shares(of: norms, layer: layer, bins: bins)
        : Array(repeating: nil, count: bins.count)
    }
    let grid = HeadGrid(layers: layers, columns: bins.count, values: values)
    return HeatmapPlot(
      header: FigureHeader(
        title: "Where the keys of lowest norm sit",
        captionParts: ResultCaption.parts(result) + [
          "the lowest 10 % of each KV head, by mean norm"
        ]),
      summary: summaryText(grid),
      grid: grid, domain: 0...1, colorMap: options.colorMap ?? .viridis,
      barLabel: "Share of keys in the lowest 10 %", landmark: share, advice: [],
      cellFormat: .fixed(2),
      columns: HeatmapPlot.ColumnAxis(name: "Position", ticks: bins.ticks(cellWidth:))
    ).scene()
  }

  /// For each bin, how many of its keys are among the lowest of their KV head.
  private static func shares(
    of norms: NumericArray, layer: Int, bins: PositionBins
  ) -> [Double?] {
    let positions = norms.shape[2]
    var low = [Int](repeating: 0, count: bins.count)
    var all = low
    for head in 0..<norms.shape[1] {
      let start = (layer * norms.shape[1] + head) * positions
      let present = (0..<positions).filter { norms.values[start + $0].isFinite }
      let kept = Int((share * Double(present.count)).rounded(.up))
      // Of equal norms the earlier is kept, as eviction keeps it.
      let order = present.sorted {
        let (left, right) = (norms.values[start + $0], norms.values[start + $1])
        return left == right ? $0 < $1 : left < right
      }
      for position in present { all[bins.index(of: position)] += 1 }
      for position in order.prefix(kept) { low[bins.index(of: position)] += 1 }
    }
    return zip(low, all).map { $1 > 0 ? Double($0) / Double($1) : nil }
  }

  private static func summaryText(_ grid: HeadGrid) -> String {
    let first = (0..<grid.layers).filter { layer in
      grid.heads > 0 && (grid[layer, 0] ?? 0) > 0.5
    }.count
    return "Share of keys among the lowest 10 % of their KV head by layer and position. In "
      + "\(first) of \(grid.layers) layers most KV heads have position 0 among them."
  }
}

/// Positions laid into columns: position 0, which often is a sink, alone, then runs of equal
/// length; each position by itself where there is room.
struct PositionBins: Sendable {
  let positions: Int
  /// Positions a run.
  let width: Int
  let count: Int

  init(positions: Int) {
    self.positions = max(positions, 0)
    let limit = LowNormsFigure.maximumBins
    width = max(1, (self.positions + limit - 1) / limit)
    count =
      width == 1 ? self.positions : (self.positions + width - 1) / width + 1
  }

  /// The column of a position; the first run lacks position 0.
  func index(of position: Int) -> Int {
    width == 1 || position == 0 ? position : position / width + 1
  }

  /// The first position of a column.
  func start(of column: Int) -> Int {
    width == 1 || column == 0 ? column : max((column - 1) * width, 1)
  }

  func ticks(cellWidth: Double) -> [(column: Int, label: String)] {
    let size = FigureStyle.tickSize
    let widest = TextMetrics.width("\(max(positions - 1, 0))", size: size)
    let isWhole = width == 1
    var last = -Double.infinity
    // Runs are marked from the second on: the first starts right after position 0.
    let runs = Ticks.indices(
      count: isWhole ? count : max(count - 1, 0), spacing: cellWidth,
      minimumSpacing: max(widest + 8, 15))
    return runs.compactMap { run in
      let column = isWhole || run == 0 ? run : run + 1
      let x = Double(column) * cellWidth
      guard x - last >= widest + 8 else { return nil }
      last = x
      return (column, "\(start(of: column))")
    }
  }
}
