/// Draws a scene as SVG 1.1 with real text: any script, in the reader's own typefaces. Only
/// characters that cannot be seen are spelled out.
public enum SVGBackend {
  /// Where colours of a role come from.
  public enum Coloring: Sendable {
    /// Fixed colours.
    case theme(Theme)
    /// `var(--role)`, resolved by the page that the drawing is inlined into.
    case stylesheet
  }

  /// The typefaces asked for, by falling preference; all have Helvetica's widths.
  static let fontFamily = "Helvetica Neue,Helvetica,Arial,Liberation Sans,Nimbus Sans,sans-serif"

  /// A complete document, in UTF-8.
  public static func document(_ scene: Scene, theme: Theme = .light) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + fragment(scene, coloring: .theme(theme))
  }

  /// The `svg` element alone, to be set into HTML.
  public static func fragment(_ scene: Scene, coloring: Coloring) -> String {
    let width = NumberText.coordinate(scene.width)
    let height = NumberText.coordinate(scene.height)
    var output = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\""
    output += " viewBox=\"0 0 \(width) \(height)\" role=\"img\""
    output += " font-family=\"\(fontFamily)\">\n"
    output += "<title>\(Markup.escaped(LabelText.visible(scene.title)))</title>\n"
    output += "<desc>\(Markup.escaped(LabelText.visible(scene.summary)))</desc>\n"
    if case .theme = coloring {
      let all = Rectangle(x: 0, y: 0, width: scene.width, height: scene.height)
      append(.rectangle(all, .role(.background)), to: &output, coloring: coloring)
    }
    for primitive in scene.primitives { append(primitive, to: &output, coloring: coloring) }
    output += "</svg>\n"
    return output
  }

  private static func append(
    _ primitive: Primitive, to output: inout String, coloring: Coloring
  ) {
    switch primitive {
    case .rectangle(let rectangle, let paint):
      output += "<rect x=\"\(NumberText.coordinate(rectangle.x))\""
      output += " y=\"\(NumberText.coordinate(rectangle.y))\""
      output += " width=\"\(NumberText.coordinate(max(rectangle.width, 0)))\""
      output += " height=\"\(NumberText.coordinate(max(rectangle.height, 0)))\""
      output += "\(attributes("fill", paint, coloring))/>\n"
    case .polyline(let points, let stroke):
      guard !points.isEmpty else { return }
      output += "<polyline points=\"\(coordinates(points))\" fill=\"none\""
      output += attributes("stroke", stroke.paint, coloring)
      output += " stroke-width=\"\(NumberText.coordinate(stroke.width))\""
      output += " stroke-linecap=\"round\" stroke-linejoin=\"round\""
      if !stroke.dash.isEmpty {
        let lengths = stroke.dash.map(NumberText.coordinate).joined(separator: " ")
        output += " stroke-dasharray=\"\(lengths)\""
      }
      output += "/>\n"
    case .polygon(let points, let paint):
      guard points.count > 2 else { return }
      output +=
        "<polygon points=\"\(coordinates(points))\"\(attributes("fill", paint, coloring))/>\n"
    case .label(let label):
      append(label, to: &output, coloring: coloring)
    case .cells(let grid):
      append(grid, to: &output)
    case .dots(let points, let diameter, let paint):
      guard !points.isEmpty else { return }
      let path = points.map {
        "M\(NumberText.coordinate($0.x)) \(NumberText.coordinate($0.y))h0"
      }.joined()
      output += "<path d=\"\(path)\" fill=\"none\" stroke-linecap=\"round\""
      output += attributes("stroke", paint, coloring)
      output += " stroke-width=\"\(NumberText.coordinate(diameter))\"/>\n"
    }
  }

  private static func append(_ label: Label, to output: inout String, coloring: Coloring) {
    let x = NumberText.coordinate(label.origin.x)
    let y = NumberText.coordinate(label.origin.y)
    output += "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(NumberText.coordinate(label.size))\""
    switch label.anchor {
    case .start: break
    case .middle: output += " text-anchor=\"middle\""
    case .end: output += " text-anchor=\"end\""
    }
    if label.weight == .bold { output += " font-weight=\"700\"" }
    if label.rotation != 0 {
      output += " transform=\"rotate(\(NumberText.coordinate(label.rotation)) \(x) \(y))\""
    }
    output += attributes("fill", label.paint, coloring)
    let whole = LabelText.visible(label.text)
    let text =
      label.room.map {
        TextMetrics.fittedInAnyScript(whole, size: label.size, weight: label.weight, width: $0)
      } ?? whole
    // Else spaces at the ends are dropped, and several in a row drawn as one.
    if text.first == " " || text.last == " " || text.contains("  ") {
      output += " xml:space=\"preserve\""
    }
    output += ">\(Markup.escaped(text))</text>\n"
  }

  /// One path a colour: a grid of 128 × 128 cells stays near 300 kB.
  private static func append(_ grid: CellGrid, to output: inout String) {
    var paths: [String: String] = [:]
    var order: [String] = []
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let index = row * grid.columns + column
        guard index < grid.colors.count, let color = grid.colors[index] else { continue }
        let cell = grid.rectangle(row: row, column: column)
        let name = color.hexString
        if paths[name] == nil { order.append(name) }
        let width = NumberText.coordinate(cell.width)
        let place = "M\(NumberText.coordinate(cell.x)) \(NumberText.coordinate(cell.y))"
        paths[name, default: ""] +=
          "\(place)h\(width)v\(NumberText.coordinate(cell.height))h-\(width)z"
      }
    }
    output += "<g shape-rendering=\"crispEdges\">\n"
    for name in order { output += "<path fill=\"\(name)\" d=\"\(paths[name, default: ""])\"/>\n" }
    output += "</g>\n"
  }

  private static func coordinates(_ points: [Point]) -> String {
    points.map { "\(NumberText.coordinate($0.x)),\(NumberText.coordinate($0.y))" }
      .joined(separator: " ")
  }

  private static func attributes(_ name: String, _ paint: Paint, _ coloring: Coloring) -> String {
    let value: String
    switch (coloring, paint.source) {
    case (.theme(let theme), _): value = theme.color(of: paint).hexString
    case (.stylesheet, .color(let color)): value = color.hexString
    case (.stylesheet, .role(let role)): value = "var(--\(role.rawValue))"
    }
    let opacity =
      paint.opacity < 1 ? " \(name)-opacity=\"\(NumberText.coordinate(paint.opacity))\"" : ""
    return " \(name)=\"\(value)\"\(opacity)"
  }
}
