/// Draws a scene as a one-page PDF 1.4: vector shapes, text in the base fonts Helvetica and
/// Helvetica-Bold.
///
/// Characters outside WinAnsiEncoding are written out as `U+XXXX`.
public enum PDFBackend {
  /// The file; a scene unit is a point. Deterministic: no dates, no identifiers.
  public static func encode(_ scene: Scene, theme: Theme = .light) -> [UInt8] {
    var page = PDFPage(height: scene.height, theme: theme)
    page.fill(
      Rectangle(x: 0, y: 0, width: scene.width, height: scene.height), .role(.background))
    for primitive in scene.primitives { page.draw(primitive) }

    let content = Deflate.compressed(Array(page.content.utf8))
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
    file.add("<</Title <\(PDFText.hexadecimal(scene.title))>>>")
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

/// Text in WinAnsiEncoding.
enum PDFText {
  /// Code points beyond Latin-1 that the encoding has, by where it has them.
  private static let extras: [Unicode.Scalar: UInt8] = [
    "€": 0x80, "…": 0x85, "Š": 0x8a, "Œ": 0x8c, "Ž": 0x8e, "‘": 0x91, "’": 0x92, "“": 0x93,
    "”": 0x94, "•": 0x95, "–": 0x96, "−": 0x96, "—": 0x97, "™": 0x99, "š": 0x9a, "œ": 0x9c,
    "ž": 0x9e,
  ]

  /// The bytes of `text`, what the encoding lacks as `U+XXXX`.
  static func encoded(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar -> [UInt8] in
      switch scalar.value {
      case 0x20...0x7e, 0xa0...0xff: return [UInt8(truncatingIfNeeded: scalar.value)]
      default: return extras[scalar].map { [$0] } ?? Array(StrokeFont.codePoint(scalar).utf8)
      }
    }
  }

  /// The digits of a hexadecimal string, which needs no escapes.
  static func hexadecimal(_ text: String) -> String {
    encoded(text).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
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
    let width = TextMetrics.width(label.text, size: label.size, weight: label.weight)
    let shift: Double
    switch label.anchor {
    case .start: shift = 0
    case .middle: shift = -width / 2
    case .end: shift = -width
    }
    // Degrees count clockwise in a scene, anticlockwise on a page.
    let direction = Trigonometry.unitVector(degrees: -label.rotation)
    let origin = Point(
      label.origin.x + shift * direction.x, label.origin.y - shift * direction.y)
    let matrix = [direction.x, direction.y, -direction.y, direction.x]
      .map(NumberText.coordinate).joined(separator: " ")
    withOpacity(label.paint.opacity) { page in
      page.content +=
        "BT /F\(label.weight == .bold ? 2 : 1) \(NumberText.coordinate(label.size)) Tf "
      page.content += "\(page.color(label.paint)) rg \(matrix) \(page.place(origin)) Tm "
      page.content += "<\(PDFText.hexadecimal(label.text))> Tj ET\n"
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
