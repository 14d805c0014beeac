/// Draws a scene as a one-page PDF 1.4: vector shapes, text in the base fonts Helvetica and
/// Helvetica-Bold.
///
/// Characters outside WinAnsiEncoding are drawn with the strokes of `StrokeFont`, and spelled out
/// where it lacks them too; what is copied or searched is the text itself.
public enum PDFBackend {
  /// The file; a scene unit is a point. Deterministic: no dates, no identifiers.
  public static func encode(_ scene: Scene, theme: Theme = .light) -> [UInt8] {
    var page = PDFPage(height: scene.height, theme: theme)
    page.fill(
      Rectangle(x: 0, y: 0, width: scene.width, height: scene.height), .role(.background))
    for primitive in scene.primitives { page.draw(primitive) }

    let content = Zlib.compressed(Array(page.content.utf8))
    let states = page.opacities.enumerated().map { index, opacity in
      let value = NumberText.coordinate(opacity)
      return "/G\(index) <</ca \(value) /CA \(value)>>"
    }.joined(separator: " ")
    let box = "0 0 \(NumberText.coordinate(scene.width)) \(NumberText.coordinate(scene.height))"
    var file = PDFFile()
    file.add("<</Type /Catalog /Pages 2 0 R>>")
    file.add("<</Type /Pages /Kids [3 0 R] /Count 1>>")
    file.add(
      "<</Type /Page /Parent 2 0 R /MediaBox [\(box)] /Contents 4 0 R /Resources "
        + "<</Font <</F1 5 0 R /F2 6 0 R>> /ExtGState <<\(states)>> >> >>")
    file.add("<</Length \(content.count) /Filter /FlateDecode>>", stream: content)
    for name in ["Helvetica", "Helvetica-Bold"] {
      file.add("<</Type /Font /Subtype /Type1 /BaseFont /\(name) /Encoding /WinAnsiEncoding>>")
    }
    file.add("<</Title <\(PDFText.unicode(LabelText.visible(scene.title)))>>>")
    return file.finished(root: 1, info: 7)
  }
}

/// Numbered objects and the table of where they lie.
private struct PDFFile {
  private var bytes: [UInt8] = Array("%PDF-1.4\n%".utf8) + [0xe2, 0xe3, 0xcf, 0xd3, 0x0a]
  private var offsets: [Int] = []

  mutating func add(_ dictionary: String, stream: [UInt8]? = nil) {
    offsets.append(bytes.count)
    bytes += Array("\(offsets.count) 0 obj\n\(dictionary)\n".utf8)
    if let stream { bytes += Array("stream\n".utf8) + stream + Array("\nendstream\n".utf8) }
    bytes += Array("endobj\n".utf8)
  }

  func finished(root: Int, info: Int) -> [UInt8] {
    var table = "xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n"
    for offset in offsets {
      let digits = String(offset)
      table += String(repeating: "0", count: max(0, 10 - digits.count)) + digits + " 00000 n \n"
    }
    table += "trailer\n<</Size \(offsets.count + 1) /Root \(root) 0 R /Info \(info) 0 R>>\n"
    return bytes + Array("\(table)startxref\n\(bytes.count)\n%%EOF\n".utf8)
  }
}

/// The operators that draw a page.
private struct PDFPage {
  let height: Double
  let theme: Theme
  private(set) var content = "1 J 1 j\n"
  /// Opacities in use; the graphics state `G<index>` sets each.
  private(set) var opacities: [Double] = []

  init(height: Double, theme: Theme) {
    self.height = height
    self.theme = theme
  }

  mutating func draw(_ primitive: Primitive) {
    switch primitive {
    case .rectangle(let rectangle, let paint): fill(rectangle, paint)
    case .polygon(let points, let paint):
      guard points.count > 2 else { return }
      withOpacity(paint.opacity) { $0.content += $0.path(points) + "\($0.color(paint)) rg f\n" }
    case .polyline(let points, let stroke):
      guard !points.isEmpty else { return }
      withOpacity(stroke.paint.opacity) { page in
        let dash = stroke.dash.map(NumberText.coordinate).joined(separator: " ")
        page.content += "\(page.color(stroke.paint)) RG \(NumberText.coordinate(stroke.width)) w "
        page.content += "[\(dash)] 0 d\n\(page.path(points))S\n"
      }
    case .cells(let grid):
      for row in 0..<grid.rows {
        for column in 0..<grid.columns {
          let index = row * grid.columns + column
          guard index < grid.colors.count, let color = grid.colors[index] else { continue }
          fill(grid.rectangle(row: row, column: column), .color(color))
        }
      }
    case .dots(let points, let diameter, let paint):
      guard !points.isEmpty else { return }
      withOpacity(paint.opacity) { page in
        page.content += "\(page.color(paint)) RG \(NumberText.coordinate(diameter)) w [] 0 d\n"
        for point in points { page.content += page.path([point, point]) }
        page.content += "S\n"
      }
    case .label(let label): draw(label)
    }
  }

  mutating func fill(_ rectangle: Rectangle, _ paint: Paint) {
    withOpacity(paint.opacity) { page in
      page.content +=
        "\(page.color(paint)) rg \(page.place(Point(rectangle.x, rectangle.maxY))) "
        + "\(NumberText.coordinate(rectangle.width)) \(NumberText.coordinate(rectangle.height)) "
        + "re f\n"
    }
  }

  private mutating func draw(_ label: Label) {
    let text = PDFText(label.text, room: label.roomInEms)
    let stretch = label.weight == .bold ? StrokeFont.boldStretch : 1
    let shift: Double
    switch label.anchor {
    case .start: shift = 0
    case .middle: shift = -text.width / 2
    case .end: shift = -text.width
    }
    // Degrees count clockwise in a scene, anticlockwise on a page.
    let direction = Trigonometry.unitVector(degrees: -label.rotation)
    func point(_ x: Double, _ y: Double) -> Point {
      let along = (shift + x) * stretch * label.size
      let up = y * label.size
      return Point(
        label.origin.x + along * direction.x - up * direction.y,
        label.origin.y - along * direction.y - up * direction.x)
    }
    let matrix = [direction.x, direction.y, -direction.y, direction.x]
      .map(NumberText.coordinate).joined(separator: " ")
    withOpacity(label.paint.opacity) { page in
      let color = page.color(label.paint)
      if !text.isPlain {
        let copied = PDFText.unicode(LabelText.visible(label.text))
        page.content += "/Span <</ActualText <\(copied)>>> BDC\n"
      }
      for run in text.runs {
        page.content +=
          "BT /F\(label.weight == .bold ? 2 : 1) \(NumberText.coordinate(label.size)) Tf "
        page.content += "\(color) rg \(matrix) \(page.place(point(run.x, 0))) Tm "
        page.content += "<\(PDFText.hexadecimal(run.bytes))> Tj ET\n"
      }
      for placed in text.drawn {
        let width = NumberText.coordinate(label.size * (label.weight == .bold ? 0.125 : 0.08))
        page.content += "\(color) RG \(width) w [] 0 d\n"
        for stroke in placed.glyph.strokes {
          page.content +=
            page.path(stroke.map { point(placed.x + $0.x / 100, $0.y / 100) }) + "S\n"
        }
      }
      if !text.isPlain { page.content += "EMC\n" }
    }
  }

  private mutating func withOpacity(_ opacity: Double, _ body: (inout PDFPage) -> Void) {
    guard opacity < 1 else { return body(&self) }
    let index = opacities.firstIndex(of: opacity) ?? opacities.count
    if index == opacities.count { opacities.append(opacity) }
    content += "q /G\(index) gs\n"
    body(&self)
    content += "Q\n"
  }

  private func place(_ point: Point) -> String {
    "\(NumberText.coordinate(point.x)) \(NumberText.coordinate(height - point.y))"
  }

  private func path(_ points: [Point]) -> String {
    points.enumerated().map { "\(place($0.element)) \($0.offset == 0 ? "m" : "l")\n" }.joined()
  }

  private func color(_ paint: Paint) -> String {
    let color = theme.color(of: paint)
    return [color.red, color.green, color.blue].map(NumberText.coordinate).joined(separator: " ")
  }
}
