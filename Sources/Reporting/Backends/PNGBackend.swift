/// Draws a scene as a PNG picture with its own rasteriser and its own typeface.
public enum PNGBackend {
  /// Pictures are held in memory while they are drawn; larger ones are drawn at a lower scale.
  static let maximumPixels = 100_000_000.0

  /// The picture at `scale` pixels a scene unit, clamped to 0.25…16.
  ///
  /// Deterministic: the same scene, theme and scale give the same bytes.
  public static func encode(_ scene: Scene, theme: Theme = .light, scale: Double = 2) -> [UInt8] {
    let canvas = draw(scene, theme: theme, scale: scale)
    return PNGEncoder.encode(width: canvas.width, height: canvas.height, rgb: canvas.pixels)
  }

  static func draw(_ scene: Scene, theme: Theme, scale: Double) -> Canvas {
    let width = scene.width.isFinite ? min(max(scene.width, 1), 1e5) : 1
    let height = scene.height.isFinite ? min(max(scene.height, 1), 1e5) : 1
    var scale = scale.isFinite ? min(max(scale, 0.25), 16) : 2
    let pixels = width * height * scale * scale
    if pixels > maximumPixels { scale *= (maximumPixels / pixels).squareRoot() }
    var canvas = Canvas(
      width: max(1, Int((width * scale).rounded())),
      height: max(1, Int((height * scale).rounded())),
      background: theme.background)
    for primitive in scene.primitives { draw(primitive, on: &canvas, theme: theme, scale: scale) }
    return canvas
  }

  private static func draw(
    _ primitive: Primitive, on canvas: inout Canvas, theme: Theme, scale: Double
  ) {
    switch primitive {
    case .rectangle(let rectangle, let paint):
      canvas.fill(
        scaled(rectangle, by: scale), color: theme.color(of: paint), opacity: paint.opacity)
    case .polygon(let points, let paint):
      canvas.fill(
        points.map { Point($0.x * scale, $0.y * scale) }, color: theme.color(of: paint),
        opacity: paint.opacity)
    case .polyline(let points, let stroke):
      let line = points.map { Point($0.x * scale, $0.y * scale) }
      let dashes = DashedLine.split(line, dash: stroke.dash.map { $0 * scale })
      canvas.stroke(
        dashes, lineWidth: stroke.width * scale, color: theme.color(of: stroke.paint),
        opacity: stroke.paint.opacity)
    case .cells(let grid):
      for row in 0..<grid.rows {
        for column in 0..<grid.columns {
          let index = row * grid.columns + column
          guard index < grid.colors.count, let color = grid.colors[index] else { continue }
          let cell = grid.rectangle(row: row, column: column)
          canvas.fill(snapped(scaled(cell, by: scale)), color: color)
        }
      }
    case .dots(let points, let diameter, let paint):
      canvas.stroke(
        points.map { [Point($0.x * scale, $0.y * scale)] }, lineWidth: diameter * scale,
        color: theme.color(of: paint), opacity: paint.opacity)
    case .label(let label):
      draw(label, on: &canvas, theme: theme, scale: scale)
    }
  }

  private static func draw(
    _ label: Label, on canvas: inout Canvas, theme: Theme, scale: Double
  ) {
    let (glyphs, width) = StrokeFont.layout(label.text, room: label.roomInEms)
    let stretch = label.weight == .bold ? StrokeFont.boldStretch : 1
    let size = label.size * scale
    let start: Double
    switch label.anchor {
    case .start: start = 0
    case .middle: start = -width * stretch / 2
    case .end: start = -width * stretch
    }
    let direction = Trigonometry.unitVector(degrees: label.rotation)
    let lines = glyphs.flatMap { placed in
      placed.glyph.strokes.map { stroke in
        stroke.map { point in
          let x = (start + (placed.x + point.x / 100) * stretch) * size
          let y = -point.y / 100 * size
          return Point(
            label.origin.x * scale + x * direction.x - y * direction.y,
            label.origin.y * scale + x * direction.y + y * direction.x)
        }
      }
    }
    let weight = label.weight == .bold ? 0.125 : 0.08
    canvas.stroke(
      lines, lineWidth: max(size * weight, 0.9), color: theme.color(of: label.paint),
      opacity: label.paint.opacity)
  }

  private static func scaled(_ rectangle: Rectangle, by scale: Double) -> Rectangle {
    Rectangle(
      x: rectangle.x * scale, y: rectangle.y * scale, width: rectangle.width * scale,
      height: rectangle.height * scale)
  }

  /// Edges on whole pixels, so that neighbouring cells leave no seam.
  private static func snapped(_ rectangle: Rectangle) -> Rectangle {
    let x = rectangle.x.rounded()
    let y = rectangle.y.rounded()
    return Rectangle(
      x: x, y: y, width: max(rectangle.maxX.rounded() - x, 0),
      height: max(rectangle.maxY.rounded() - y, 0))
  }
}

/// A line cut into dashes.
enum DashedLine {
  /// The pieces of `line` that dashes of these lengths (dash, gap, dash…) leave; the whole line
  /// where there are none or a length is not positive.
  static func split(_ line: [Point], dash: [Double]) -> [[Point]] {
    guard var position = line.first, !dash.isEmpty, dash.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return [line] }
    var pieces: [[Point]] = []
    var piece = [position]
    var phase = 0
    var left = dash[0]
    for target in line.dropFirst() {
      while true {
        let deltaX = target.x - position.x
        let deltaY = target.y - position.y
        let distance = (deltaX * deltaX + deltaY * deltaY).squareRoot()
        guard distance.isFinite, distance > left, pieces.count < 100_000 else {
          left -= distance
          position = target
          if phase % 2 == 0 { piece.append(position) }
          break
        }
        position = Point(
          position.x + deltaX * left / distance, position.y + deltaY * left / distance)
        if phase % 2 == 0 {
          piece.append(position)
          pieces.append(piece)
        }
        phase += 1
        piece = [position]
        left = dash[phase % dash.count]
      }
    }
    if phase % 2 == 0, piece.count > 1 { pieces.append(piece) }
    return pieces
  }
}
