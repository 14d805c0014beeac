/// A single-line typeface with the advance widths of Helvetica, so that a line of text takes the
/// same room in SVG, PDF and PNG.
///
/// Printable ASCII, everything that WinAnsiEncoding has, the letters of Latin Extended-A and a few
/// signs are drawn as strokes. Any other character is spelled out, as `\u{4E2D}`.
enum StrokeFont {
  /// A character's strokes in hundredths of an em: x from its left edge, y up from the baseline.
  struct Glyph: Sendable {
    var advance: Double
    var strokes: [[Point]]
  }

  /// One character of a laid-out line and where it starts, in ems.
  struct Placed: Sendable {
    var glyph: Glyph
    var x: Double
  }

  /// Bold letters are this much wider; heavier strokes need the room.
  static let boldStretch = 1.05

  /// What is drawn for `text`: letters and combining accents composed, characters without a glyph
  /// spelled out as `LabelText` does.
  static func drawable(_ text: String) -> [Unicode.Scalar] {
    var drawn: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if glyphs[scalar] != nil {
        drawn.append(scalar)
      } else if let base = drawn.last, let composed = compositions[[base, scalar]] {
        drawn[drawn.count - 1] = composed
      } else {
        drawn += LabelText.escape(scalar).unicodeScalars
      }
    }
    return drawn
  }

  /// What is drawn for `text` where it has `room` in ems, as many characters as fit before an
  /// ellipsis; an escape may be cut too.
  static func drawable(_ text: String, room: Double?) -> [Unicode.Scalar] {
    // Nothing has room for more than this of a hostile name.
    let scalars = drawable(room == nil ? text : String(text.unicodeScalars.prefix(600)))
    guard let room else { return scalars }
    func advance(_ scalar: Unicode.Scalar) -> Double { (glyphs[scalar]?.advance ?? 0) / 100 }
    if scalars.reduce(0, { $0 + advance($1) }) <= room + 1e-9 { return scalars }
    var used = advance("…")
    let kept = scalars.prefix { scalar in
      used += advance(scalar)
      return used <= room
    }
    return kept + ["…"]
  }

  /// The glyphs of `text` from left to right and the width of the whole, in ems.
  static func layout(_ text: String, room: Double? = nil) -> (glyphs: [Placed], width: Double) {
    var placed: [Placed] = []
    var x = 0.0
    for scalar in drawable(text, room: room) {
      guard let glyph = glyphs[scalar] else { continue }
      placed.append(Placed(glyph: glyph, x: x))
      x += glyph.advance / 100
    }
    return (placed, x)
  }

  /// Every glyph by its character, parsed once from the tables.
  static let glyphs: [Unicode.Scalar: Glyph] = {
    var table: [Unicode.Scalar: Glyph] = [" ": Glyph(advance: 27.8, strokes: [])]
    for line in StrokeFontTables.letters.split(separator: "\n") {
      var fields = line.split(separator: " ")
      guard fields.count >= 2, let scalar = fields.removeFirst().unicodeScalars.first,
        let advance = Double(fields.removeFirst())
      else { continue }
      table[scalar] = Glyph(advance: advance, strokes: strokes(of: fields))
    }
    for entry in StrokeFontTables.accented.split(whereSeparator: \.isWhitespace) {
      let parts = Array(entry.unicodeScalars)
      guard parts.count == 3, let accent = StrokeFontTables.accents[parts[2]] else { continue }
      let isBelow = [",", "˛"].contains(parts[2])
      guard let base = table[isBelow ? parts[1] : dotless[parts[1]] ?? parts[1]] else { continue }
      let isTall = parts[1].value < 0x60 || ["b", "d", "h", "k", "l", "t"].contains(parts[1])
      let lift = isBelow || !isTall ? 0.0 : 20
      let marks = strokes(of: accent.split(separator: " ")).map { stroke in
        stroke.map { Point($0.x + base.advance / 2, $0.y + lift) }
      }
      table[parts[0]] = Glyph(advance: base.advance, strokes: base.strokes + marks)
    }
    table["\u{a0}"] = table[" "]
    return table
  }()

  /// The letter that an accent takes the dot of.
  private static let dotless: [Unicode.Scalar: Unicode.Scalar] = ["i": "ı", "j": "ȷ"]

  /// Accented letters by their letter and combining mark: names of files often come decomposed.
  private static let compositions: [[Unicode.Scalar]: Unicode.Scalar] = {
    var table: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    for entry in StrokeFontTables.accented.split(whereSeparator: \.isWhitespace) {
      let parts = Array(entry.unicodeScalars)
      guard parts.count == 3, let mark = StrokeFontTables.combiningMarks[parts[2]] else { continue }
      table[[parts[1], mark]] = parts[0]
    }
    return table
  }()

  /// The strokes that a path describes: `M x y` starts one, `L x y` goes straight, `Q cx cy x y`
  /// is a quadratic curve, `E cx cy rx ry a b` an elliptic arc from angle a to b in degrees
  /// anticlockwise, joined to what came before, `O` the same in a stroke of its own, and `D x y` a
  /// dot, somewhat larger than a stroke is wide, as Helvetica's are.
  private static func strokes(of fields: [Substring]) -> [[Point]] {
    var strokes: [[Point]] = []
    var current: [Point] = []
    var index = 0
    func next() -> Double {
      defer { index += 1 }
      return index < fields.count ? Double(fields[index]) ?? 0 : 0
    }
    func finish() {
      if !current.isEmpty { strokes.append(current) }
      current = []
    }
    while index < fields.count {
      let command = fields[index]
      index += 1
      switch command {
      case "M":
        finish()
        current = [Point(next(), next())]
      case "L":
        current.append(Point(next(), next()))
      case "D":
        finish()
        let dot = Point(next(), next())
        current = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)].map {
          Point(dot.x + $0.0 * dotReach, dot.y + $0.1 * dotReach)
        }
        finish()
      case "Q":
        let control = Point(next(), next())
        let end = Point(next(), next())
        current += quadratic(from: current.last ?? control, control: control, to: end)
      case "E", "O":
        if command == "O" { finish() }
        let center = Point(next(), next())
        let radii = Point(next(), next())
        current += arc(center: center, radii: radii, from: next(), to: next())
      default:
        break
      }
    }
    finish()
    return strokes
  }

  /// How far a dot's centre line lies from its middle.
  private static let dotReach = 1.4

  private static func quadratic(from start: Point, control: Point, to end: Point) -> [Point] {
    let steps = 8
    return (1...steps).map { step in
      let t = Double(step) / Double(steps)
      let s = 1 - t
      return Point(
        s * s * start.x + 2 * s * t * control.x + t * t * end.x,
        s * s * start.y + 2 * s * t * control.y + t * t * end.y)
    }
  }

  private static func arc(center: Point, radii: Point, from start: Double, to end: Double)
    -> [Point]
  {
    let steps = max(4, Int((abs(end - start) / 15).rounded(.up)))
    return (0...steps).map { step in
      let degrees = start + (end - start) * Double(step) / Double(steps)
      let direction = Trigonometry.unitVector(degrees: degrees)
      return Point(center.x + radii.x * direction.x, center.y + radii.y * direction.y)
    }
  }
}

extension Label {
  /// The room that the text may take, in ems of a regular letter.
  var roomInEms: Double? {
    room.map { $0 / (size * (weight == .bold ? StrokeFont.boldStretch : 1)) }
  }
}
