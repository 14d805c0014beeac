@testable import Reporting

/// What is wrong with where the parts of a scene lie, by the metrics that layout uses.
struct SceneLayout {
  let scene: Scene

  /// The box of a label, a little smaller than its line.
  static func box(of label: Label) -> Rectangle {
    let natural = TextMetrics.width(label.text, size: label.size, weight: label.weight)
    let width = min(natural, label.room ?? .infinity)
    let start: Double
    switch label.anchor {
    case .start: start = 0
    case .middle: start = -width / 2
    case .end: start = -width
    }
    let (ascent, descent) = (0.72 * label.size, 0.2 * label.size)
    return label.rotation == 0
      ? Rectangle(
        x: label.origin.x + start, y: label.origin.y - ascent, width: width,
        height: ascent + descent)
      : Rectangle(
        x: label.origin.x - ascent, y: label.origin.y - start - width, width: ascent + descent,
        height: width)
  }

  /// Labels that leave the picture, are blank, too small to read, meet one another, a bar or a
  /// swatch, or lie over cells without being inside one; and shapes that leave the picture.
  var problems: [String] {
    let labels = scene.primitives.compactMap { primitive -> (box: Rectangle, label: Label)? in
      if case .label(let label) = primitive { (Self.box(of: label), label) } else { nil }
    }.sorted { $0.box.y < $1.box.y }
    var problems: [String] = []
    for (index, (box, label)) in labels.enumerated() {
      let text = label.text
      if !isInside(box) { problems.append("\(text) leaves the picture") }
      if text.allSatisfy(\.isWhitespace) { problems.append("a blank label at \(label.origin)") }
      if label.size < 7.5 { problems.append("\(text) is too small") }
      for (other, otherLabel) in labels[(index + 1)...] {
        if other.y >= box.maxY { break }
        if other.x < box.maxX, box.x < other.maxX {
          problems.append("\(text) meets \(otherLabel.text)")
        }
      }
    }
    for primitive in scene.primitives {
      for bounds in Self.bounds(of: primitive) where !isInside(bounds) {
        problems.append("a shape leaves the picture: \(bounds)")
      }
      switch primitive {
      case .rectangle(let rectangle, _):
        problems += labels.filter { Self.overlap($0.box, rectangle) }
          .map { "\($0.label.text) meets \(rectangle)" }
      case .cells(let grid):
        problems += labels.filter { Self.straddles($0.box, grid) }
          .map { "\($0.label.text) meets cells" }
      case .polyline(let points, _):
        guard points.count == 2, let line = Self.bounds(of: primitive).first else { continue }
        problems += labels.filter { Self.overlap($0.box, line) }
          .map { "a line crosses \($0.label.text)" }
      case .polygon, .label, .dots: break
      }
    }
    return problems
  }

  private func isInside(_ box: Rectangle) -> Bool {
    box.x >= 0 && box.y >= 0 && box.maxX <= scene.width && box.maxY <= scene.height
  }

  private static func overlap(_ a: Rectangle, _ b: Rectangle) -> Bool {
    a.x < b.maxX && b.x < a.maxX && a.y < b.maxY && b.y < a.maxY
  }

  /// Whether a label lies over the grid and not within one cell.
  private static func straddles(_ box: Rectangle, _ grid: CellGrid) -> Bool {
    let all = Rectangle(
      x: grid.origin.x, y: grid.origin.y, width: Double(grid.columns) * grid.cellWidth,
      height: Double(grid.rows) * grid.cellHeight)
    guard overlap(box, all) else { return false }
    let cell = grid.rectangle(
      row: Int((box.y - all.y) / grid.cellHeight), column: Int((box.x - all.x) / grid.cellWidth))
    return box.x < cell.x || box.y < cell.y || box.maxX > cell.maxX || box.maxY > cell.maxY
  }

  private static func bounds(of primitive: Primitive) -> [Rectangle] {
    switch primitive {
    case .rectangle(let rectangle, _): return [rectangle]
    case .polyline(let points, _), .polygon(let points, _), .dots(let points, _, _):
      let (xs, ys) = (points.map(\.x), points.map(\.y))
      guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
      else { return [] }
      return [Rectangle(x: left, y: top, width: right - left, height: bottom - top)]
    case .cells(let grid):
      return [
        Rectangle(
          x: grid.origin.x, y: grid.origin.y, width: Double(grid.columns) * grid.cellWidth,
          height: Double(grid.rows) * grid.cellHeight)
      ]
    case .label: return []
    }
  }
}
