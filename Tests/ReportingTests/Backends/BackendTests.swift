import CZlib
import Foundation
import Testing

@testable import Reporting

@Suite struct PNGBackendTests {
  private let red = Color(hex: 0xff0000)

  private func picture(
    _ primitives: [Primitive], width: Double = 20, height: Double = 10, scale: Double = 1
  )
    throws -> PNGDecoder
  {
    let scene = Scene(width: width, height: height, title: "", summary: "", primitives: primitives)
    return try PNGDecoder(PNGBackend.encode(scene, theme: .light, scale: scale))
  }

  @Test func cellsComeBack() throws {
    let colors = [Color(hex: 0x102030), nil, Color(hex: 0xff8000), Color(hex: 0x00ff7f)]
    let grid = CellGrid(
      origin: Point(2, 1), rows: 2, columns: 2, cellWidth: 8, cellHeight: 4, colors: colors)
    let decoded = try picture([.cells(grid)], scale: 2)
    #expect(decoded.width == 40 && decoded.height == 20)
    #expect(decoded.pixel(4, 2) == [0x10, 0x20, 0x30])
    #expect(decoded.pixel(19, 9) == [0x10, 0x20, 0x30])
    #expect(decoded.pixel(20, 9) == [255, 255, 255])
    #expect(decoded.pixel(10, 12) == [0xff, 0x80, 0x00])
    #expect(decoded.pixel(30, 17) == [0x00, 0xff, 0x7f])
    #expect(decoded.pixel(0, 0) == [255, 255, 255])
  }

  @Test func edgesAreCoveredByArea() throws {
    let box = Rectangle(x: 2.5, y: 2, width: 4, height: 3.25)
    let decoded = try picture([.rectangle(box, .color(red))])
    #expect(decoded.pixel(4, 3) == [255, 0, 0])
    #expect(decoded.pixel(2, 3)[1] == 128)
    #expect(decoded.pixel(4, 5)[1] == 191)
    #expect(decoded.pixel(8, 3) == [255, 255, 255])
  }

  @Test func polygonsMatchRectangles() throws {
    let box = [Point(2.25, 2), Point(6.5, 2), Point(6.5, 5.25), Point(2.25, 5.25)]
    let outline = try picture([.polygon(box, .color(red))])
    let filled = try picture([
      .rectangle(Rectangle(x: 2.25, y: 2, width: 4.25, height: 3.25), .color(red))
    ])
    #expect(outline.rgb == filled.rgb)
    // A triangle covers half of its box.
    let triangle = try picture([
      .polygon([Point(0, 0), Point(20, 0), Point(0, 10)], .color(red))
    ])
    let covered = stride(from: 1, to: triangle.rgb.count, by: 3).reduce(0.0) {
      $0 + 1 - Double(triangle.rgb[$1]) / 255
    }
    #expect(abs(covered - 100) < 1)
  }

  @Test func thinLinesFadeRatherThanBreak() throws {
    let stroke = Stroke(.color(red), width: 0.5)
    let decoded = try picture([.polyline([Point(0, 5.5), Point(20, 5.5)], stroke)])
    for x in 1..<19 { #expect(decoded.pixel(x, 5)[1] == 127 || decoded.pixel(x, 5)[1] == 128) }
  }

  /// A full stop is what many attention maps are about: its dot is no fainter than other letters'.
  @Test(arguments: [7.5, 9.5]) func fullStopsAreSeen(size: Double) throws {
    func darkest(_ text: String) throws -> UInt8 {
      let label = Label(text, at: Point(4, 14), size: size)
      return try picture([.label(label)], height: 20, scale: 2).rgb.min() ?? 255
    }
    let (stop, letter) = (try darkest("."), try darkest("x"))
    #expect(Int(stop) <= Int(letter) + 40, "\(stop), \(letter)")
  }

  @Test func dotsAreDiscs() throws {
    let half = Paint(.color(red), opacity: 0.5)
    let decoded = try picture([.dots([Point(5, 5), Point(5, 5), Point(12, 5)], diameter: 4, half)])
    // Twice the same dot is no darker, and between dots nothing is drawn.
    #expect(decoded.pixel(4, 4)[1] == 127 || decoded.pixel(4, 4)[1] == 128)
    #expect(decoded.pixel(12, 5) == decoded.pixel(4, 4))
    #expect(decoded.pixel(8, 5) == [255, 255, 255])
  }

  @Test func crossingStrokesDoNotAddUp() throws {
    let stroke = Stroke(Paint(.color(red), opacity: 0.5), width: 3)
    let decoded = try picture([
      .polyline([Point(2, 5.5), Point(18, 5.5), Point(18, 2), Point(10, 8)], stroke)
    ])
    #expect(decoded.pixel(6, 5)[1] == decoded.pixel(17, 5)[1])
    // Forth and back is no darker at its edges than forth.
    let forth = try picture([.polyline([Point(2, 5), Point(18, 5)], stroke)])
    let back = try picture([.polyline([Point(2, 5), Point(18, 5), Point(2, 5)], stroke)])
    #expect(forth.rgb == back.rgb)
  }

  @Test func dashes() {
    let pieces = DashedLine.split([Point(0, 0), Point(10, 0)], dash: [3, 2])
    #expect(pieces == [[Point(0, 0), Point(3, 0)], [Point(5, 0), Point(8, 0)]])
    #expect(DashedLine.split([Point(0, 0), Point(10, 0)], dash: [0, 2]).count == 1)
  }

  @Test(arguments: ["A", "g", "%", "é", "中", "\u{1}", "\n", "😀", "\u{3000}"])
  func noCharacterIsBlank(text: String) throws {
    let decoded = try picture([.label(Label(text, at: Point(2, 9), size: 9))], width: 60)
    #expect(decoded.rgb.contains { $0 < 128 })
  }

  @Test(arguments: [Double.nan, .infinity, -5, 1e9])
  func hostileScale(scale: Double) throws {
    let decoded = try picture([], scale: scale)
    #expect(decoded.width >= 1 && decoded.width <= 20 * 16)
  }

  @Test func hostileGeometry() throws {
    let points = [Point(.nan, 1), Point(.infinity, 2), Point(1e300, -1e300)]
    let box = Rectangle(x: -1e300, y: .nan, width: .infinity, height: 5)
    _ = try picture([
      .polyline(points, Stroke(.role(.ink), dash: [1, 1])), .polygon(points, .role(.ink)),
      .rectangle(box, .role(.ink)), .polyline([], Stroke(.role(.ink))),
    ])
  }
}

@Suite struct SVGBackendTests {
  @Test func textIsEscaped() throws {
    let scene = Scene(
      width: 10, height: 10, title: HostileText.markup, summary: "\u{0}\u{b}",
      primitives: [.label(Label(HostileText.markup, at: Point(0, 0), size: 10))])
    let document = SVGBackend.document(scene)
    let elements = try XMLCheck.elements(document)
    #expect(elements["script"] == nil && elements["img"] == nil)
    #expect(elements["text"] == 1)
    #expect(!document.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test(arguments: ["中文", "مرحبا", "👩‍👩‍👧", "<0xE4>", "a\u{1b}\u{202e}b", " the", "\u{0}\u{fffe}"])
  func textOfAnyScript(text: String) throws {
    let scene = Scene(
      width: 10, height: 10, title: text, summary: text,
      primitives: [.label(Label(text, at: Point(0, 0), size: 10))])
    for document in [SVGBackend.document(scene), HTMLBackend.document(scene)] {
      #expect(document.contains(">\(Markup.escaped(LabelText.visible(text)))</text>"))
      #expect(document.contains(" xml:space=\"preserve\">") == text.hasPrefix(" "))
      #expect(!document.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
      #expect(!document.unicodeScalars.contains("\u{fffe}"))
      #expect(!document.unicodeScalars.contains("\u{fffd}"))
    }
  }

  @Test func rolesFollowTheTheme() {
    let scene = Scene(
      width: 4, height: 4, title: "", summary: "",
      primitives: [.rectangle(Rectangle(x: 0, y: 0, width: 1, height: 1), .role(.accent))])
    #expect(SVGBackend.document(scene, theme: .light).contains(Theme.light.accent.hexString))
    #expect(SVGBackend.document(scene, theme: .dark).contains(Theme.dark.accent.hexString))
    let fragment = SVGBackend.fragment(scene, coloring: .stylesheet)
    #expect(fragment.contains("fill=\"var(--accent)\""))
    #expect(!fragment.contains("#"))
  }

  @Test func numbersAreFinite() throws {
    let scene = Scene(
      width: 4, height: 4, title: "", summary: "",
      primitives: [.polyline([Point(.nan, .infinity), Point(1e200, 2)], Stroke(.role(.ink)))])
    let document = SVGBackend.document(scene)
    _ = try XMLCheck.elements(document)
    #expect(!document.contains("nan") && !document.contains("inf"))
  }
}

@Suite struct PDFBackendTests {
  private let scene = Scene(
    width: 100, height: 50, title: "Title", summary: "",
    primitives: [
      .rectangle(Rectangle(x: 10, y: 5, width: 20, height: 10), .role(.accent, opacity: 0.5)),
      .label(Label("Æ − 中 (a)", at: Point(50, 40), size: 10, anchor: .middle, rotation: -90)),
      .polyline([Point(0, 0), Point(100, 50)], Stroke(.role(.ink), width: 2, dash: [4, 2])),
    ])

  /// The page's operators, inflated.
  private func content(_ file: [UInt8]) throws -> String {
    let text = String(decoding: file, as: Unicode.ASCII.self)
    let begin = try #require(text.range(of: "stream\n"))
    let end = try #require(text.range(of: "\nendstream"))
    let from = text.distance(from: text.startIndex, to: begin.upperBound)
    let to = text.distance(from: text.startIndex, to: end.lowerBound)
    let compressed = Array(file[from..<to])
    var output = [UInt8](repeating: 0, count: 100_000)
    var length = uLong(output.count)
    try #require(uncompress(&output, &length, compressed, uLong(compressed.count)) == Z_OK)
    return String(decoding: output.prefix(Int(length)), as: UTF8.self)
  }

  @Test func operators() throws {
    let file = PDFBackend.encode(scene)
    #expect(file == PDFBackend.encode(scene))
    let operators = try content(file)
    // y counts upwards on a page: 50 - (5 + 10).
    #expect(operators.contains("rg 10 35 20 10 re f"))
    #expect(operators.contains("q /G0 gs"))
    #expect(operators.contains("[4 2] 0 d\n0 50 m\n100 0 l\nS"))
    // Æ, en dash for minus, what is lacking spelled out, parentheses without escapes.
    #expect(operators.contains("<c62096205c757b344532447d20286129> Tj"))
    #expect(operators.contains("/ActualText <feff00c6002022120020"))
    #expect(operators.contains("0 1 -1 0 50 "))
  }

  /// Letters that the base fonts lack are strokes between two runs, each at its place.
  @Test func lettersBeyondTheBaseFonts() throws {
    let scene = Scene(
      width: 100, height: 50, title: "中", summary: "",
      primitives: [.label(Label("aġb", at: Point(10, 40), size: 10))])
    let file = PDFBackend.encode(scene)
    let operators = try content(file)
    #expect(
      operators.contains("1 0 -0 1 10 10 Tm <61> Tj")
        || operators.contains("1 0 0 1 10 10 Tm <61> Tj"))
    #expect(operators.contains(" 21.12 10 Tm <62> Tj"))
    #expect(operators.contains("/Span <</ActualText <feff006101210062>>> BDC"))
    #expect(operators.components(separatedBy: "S\n").count > 3)
    #expect(String(decoding: file, as: Unicode.ASCII.self).contains("/Title <feff4e2d>"))
  }

  @Test func offsetsPointAtObjects() throws {
    let file = PDFBackend.encode(scene)
    let text = String(decoding: file, as: Unicode.ASCII.self)
    let characters = Array(text)
    let table = try #require(text.components(separatedBy: "xref\n0 8\n").last)
    let rows = table.split(separator: "\n").prefix(8)
    for (number, row) in rows.enumerated().dropFirst() {
      let offset = try #require(Int(row.prefix(10)))
      let head = "\(number) 0 obj"
      #expect(String(characters[offset..<(offset + head.count)]) == head)
    }
  }
}

@Suite struct SceneFormatTests {
  @Test func everyFormatDraws() {
    let scene = Scene(
      width: 30, height: 20, title: HostileText.markup, summary: "",
      primitives: [.label(Label("a", at: Point(5, 15), size: 9))])
    let starts: [SceneFormat: String] = [
      .svg: "<?xml", .png: "\u{fffd}PNG", .pdf: "%PDF-1.4", .html: "<!DOCTYPE html>",
    ]
    for format in SceneFormat.allCases {
      let text = String(decoding: format.encode(scene).prefix(40), as: UTF8.self)
      #expect(text.hasPrefix(starts[format] ?? "?"), "\(format): \(text)")
    }
    #expect(!HTMLBackend.document(scene).contains("<script"))
  }

  @Test(arguments: SceneFormat.allCases) func everyFormatTakesTheTheme(_ format: SceneFormat) throws
  {
    let scene = Scene(
      width: 30, height: 20, title: "", summary: "",
      primitives: [.rectangle(Rectangle(x: 5, y: 5, width: 9, height: 9), .role(.accent))])
    let dark = format.encode(scene, theme: .dark)
    // A page follows the reader's.
    #expect((format.encode(scene, theme: .light) == dark) == (format == .html))
    guard format == .png else { return }
    let picture = try PNGDecoder(dark)
    for (pixel, color) in [(2, Theme.dark.background), (18, Theme.dark.accent)] {
      let (red, green, blue) = color.bytes
      #expect(picture.pixel(pixel, pixel) == [red, green, blue])
    }
  }
}
