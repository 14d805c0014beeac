import Results

/// Tokens along a side of a map: cells as large as all labels need, up to a limit from which on
/// labels thin out evenly.
///
/// Up to 50 tokens have all their labels; beyond `mostCells` tokens share cells.
struct TokenAxis {
  /// Tokens of the prompt.
  let count: Int
  /// Tokens that a cell stands for.
  let pooling: Int
  let cells: Int
  /// In half units, so that cells are of one size in a PNG of the usual scale.
  let cellSize: Double
  /// The tokens that are labelled, evenly spaced.
  let labelled: [Int]
  let labelSize: Double
  /// What the longest of the labels takes, with its distance from the axis.
  let labelRoom: Double
  private let labels: [String]

  /// More cells on a side are pooled: no picture shows them one by one.
  static let mostCells = 128
  static let leastSide = 212.0
  static let mostSide = 450.0
  /// Labels are no smaller and no larger.
  static let labelSizes = 7.5...9.5
  /// Labels are cut to this length.
  static let longestLabel = 72.0
  /// From one baseline to the next, in label sizes; Devanagari and Arabic are taller than Latin.
  private static let leading = 1.15

  init(_ tokens: [CapturedToken]) {
    count = tokens.count
    pooling = max(1, (count + Self.mostCells - 1) / Self.mostCells)
    cells = (count + pooling - 1) / pooling
    let wanted = max(
      Self.leastSide / Double(max(cells, 1)), Self.labelSizes.upperBound * Self.leading)
    let size = (2 * min(wanted, Self.mostSide / Double(max(cells, 1)))).rounded(.down) / 2
    cellSize = size

    let pitch = size / Double(pooling)
    let least = Self.labelSizes.lowerBound * Self.leading
    let step = max(1, Int((least / pitch - 1e-9).rounded(.up)))
    labelled = Array(stride(from: 0, to: count, by: step))
    labelSize = min(Double(step) * pitch / Self.leading, Self.labelSizes.upperBound)
    labels = labelled.map { LabelText.axis(tokens[$0]) }
    let em = labelSize
    let widths = labels.lazy.map { TextMetrics.width(String($0.prefix(100)), size: em) }
    labelRoom = min(widths.max() ?? 0, Self.longestLabel) + 10
  }

  var side: Double { Double(cells) * cellSize }

  /// Where a token's middle lies along the axis.
  func middle(_ token: Int) -> Double { (Double(token) + 0.5) * cellSize / Double(pooling) }

  /// Tokens left of a map.
  func drawQueries(on scene: inout Scene, plot: Rectangle) {
    for (token, text) in zip(labelled, labels) {
      let y = plot.y + middle(token)
      scene.addLine(
        from: Point(plot.x - 4, y), to: Point(plot.x - 1, y), Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          text, at: Point(plot.x - 6, y + 0.36 * labelSize), size: labelSize, anchor: .end,
          paint: .role(.mutedInk), room: Self.longestLabel))
    }
    drawTitle(
      "Query", at: Point(FigureStyle.margin + 0.8 * FigureStyle.labelSize, plot.y + side / 2),
      rotation: -90, on: &scene)
  }

  /// Tokens below a plot as wide as a map.
  func drawPositions(on scene: inout Scene, plot: Rectangle) {
    for (token, text) in zip(labelled, labels) {
      let x = plot.x + middle(token)
      scene.addLine(
        from: Point(x, plot.maxY + 1), to: Point(x, plot.maxY + 4),
        Stroke(.role(.axis), width: 1))
      scene.add(
        Label(
          text, at: Point(x + 0.36 * labelSize, plot.maxY + 6), size: labelSize, anchor: .end,
          rotation: -90, paint: .role(.mutedInk), room: Self.longestLabel))
    }
    drawTitle(
      "Key", at: Point(plot.x + side / 2, plot.maxY + roomBelow - 0.3 * FigureStyle.labelSize),
      rotation: 0, on: &scene)
  }

  /// What labels and the title below a plot take.
  var roomBelow: Double { labelRoom + FigureStyle.labelSize + 4 }

  private func drawTitle(
    _ text: String, at point: Point, rotation: Double, on scene: inout Scene
  ) {
    scene.add(
      Label(
        text, at: point, size: FigureStyle.labelSize, anchor: .middle, rotation: rotation))
  }
}
