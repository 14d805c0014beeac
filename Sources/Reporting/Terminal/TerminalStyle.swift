/// What a terminal can show; the command line finds out, printing only obeys.
public struct TerminalStyle: Sendable, Equatable {
  /// Colours that may be used, by rising ability.
  public enum ColorLevel: Int, Sendable, Comparable {
    case none
    /// The 16 colours of the terminal's own palette.
    case ansi16
    /// The 6 × 6 × 6 cube and the grey ramp.
    case ansi256
    /// 24 bits.
    case truecolor

    public static func < (left: ColorLevel, right: ColorLevel) -> Bool {
      left.rawValue < right.rawValue
    }
  }

  /// Columns; output never exceeds them.
  public var width: Int
  public var color: ColorLevel
  /// Whether block and line characters may be used; else ASCII alone.
  public var unicode: Bool

  public init(width: Int, color: ColorLevel, unicode: Bool) {
    self.width = width
    self.color = color
    self.unicode = unicode
  }

  /// A sentence on as many lines as it needs, the later ones indented.
  public func wrapped(_ text: String) -> String {
    TerminalText.wrapped(text, width: usableWidth, indent: 2, style: self)
      .joined(separator: "\n")
  }

  /// `width` within what can be laid out: at least 20 columns, at most 400.
  var usableWidth: Int { min(max(width, 20), 400) }
}

/// Escape sequences for colours and weight.
enum ANSI {
  static let reset = "\u{1b}[0m"

  /// Selects a foreground and a background; `nil` leaves the terminal's own.
  static func select(foreground: Color?, background: Color?, level: TerminalStyle.ColorLevel)
    -> String
  {
    var codes: [String] = []
    if let foreground { codes.append(code(foreground, level: level, isBackground: false)) }
    if let background { codes.append(code(background, level: level, isBackground: true)) }
    codes.removeAll(where: \.isEmpty)
    return codes.isEmpty ? "" : "\u{1b}[\(codes.joined(separator: ";"))m"
  }

  static func bold(_ text: String, style: TerminalStyle) -> String {
    style.color == .none ? text : "\u{1b}[1m\(text)\(reset)"
  }

  static func dim(_ text: String, style: TerminalStyle) -> String {
    style.color == .none ? text : "\u{1b}[2m\(text)\(reset)"
  }

  static func colored(_ text: String, _ color: Color, style: TerminalStyle) -> String {
    guard style.color != .none else { return text }
    return select(foreground: color, background: nil, level: style.color) + text + reset
  }

  private static func code(
    _ color: Color, level: TerminalStyle.ColorLevel, isBackground: Bool
  ) -> String {
    let (red, green, blue) = color.bytes
    switch level {
    case .none: return ""
    case .truecolor: return "\(isBackground ? 48 : 38);2;\(red);\(green);\(blue)"
    case .ansi256:
      return "\(isBackground ? 48 : 38);5;\(cubeIndex(Int(red), Int(green), Int(blue)))"
    case .ansi16:
      let index = nearest16(color)
      return "\((index < 8 ? 30 + index : 82 + index) + (isBackground ? 10 : 0))"
    }
  }

  /// The nearest entry of the colour cube or of the grey ramp.
  static func cubeIndex(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    let levels = [0, 95, 135, 175, 215, 255]
    func nearest(_ value: Int) -> Int {
      levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0
    }
    func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
      (r - red) * (r - red) + (g - green) * (g - green) + (b - blue) * (b - blue)
    }
    let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
    let step = min(max(((red + green + blue) / 3 - 3) / 10, 0), 23)
    let grey = 8 + 10 * step
    return distance(grey, grey, grey) < distance(levels[r], levels[g], levels[b])
      ? 232 + step : 16 + 36 * r + 6 * g + b
  }

  /// The nearest of the 16 colours as xterm shows them.
  private static func nearest16(_ color: Color) -> Int {
    let palette: [UInt32] = [
      0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
      0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
    ]
    func distance(_ hex: UInt32) -> Double {
      let other = Color(hex: hex)
      let red = other.red - color.red
      let green = other.green - color.green
      let blue = other.blue - color.blue
      return red * red + green * green + blue * blue
    }
    return palette.indices.min { distance(palette[$0]) < distance(palette[$1]) } ?? 0
  }
}

/// Text laid into columns.
enum TerminalText {
  /// Columns that `text` takes: escape sequences none, wide East Asian characters and emoji two,
  /// combining marks none.
  static func columns(_ text: String) -> Int {
    var total = 0
    var isEscape = false
    for scalar in text.unicodeScalars {
      if isEscape {
        if scalar == "m" { isEscape = false }
        continue
      }
      if scalar == "\u{1b}" {
        isEscape = true
        continue
      }
      total += columns(scalar)
    }
    return total
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      return 2
    default:
      return 1
    }
  }

  /// `text` from a stranger made safe to print: one line, no control characters, and ASCII alone
  /// where the terminal wants it.
  static func clean(_ text: String, style: TerminalStyle) -> String {
    let line = TextMetrics.singleLine(String(text.prefix(2000)))
    guard !style.unicode else { return line }
    let plain: [Unicode.Scalar: String] = [
      "·": "*", "×": "x", "±": "+-", "–": "-", "—": "-", "−": "-", "…": "...", "≥": ">=",
      "≤": "<=",
    ]
    return line.unicodeScalars.map { $0.isASCII ? String($0) : plain[$0] ?? "?" }.joined()
  }

  /// `text` cut to `width` columns; it must hold no escape sequences.
  static func fitted(_ text: String, width: Int, style: TerminalStyle) -> String {
    guard columns(text) > width else { return text }
    let mark = style.unicode ? "…" : "~"
    var kept = ""
    var used = 0
    for character in text {
      let next = columns(String(character))
      if used + next > width - 1 { break }
      kept.append(character)
      used += next
    }
    return width > 0 ? kept + mark : ""
  }

  static func padded(_ text: String, width: Int, isLeading: Bool = true) -> String {
    let room = String(repeating: " ", count: max(0, width - columns(text)))
    return isLeading ? room + text : text + room
  }

  /// `text` broken between words into lines of at most `width` columns, the later ones indented.
  static func wrapped(_ text: String, width: Int, indent: Int, style: TerminalStyle) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let extended = line.isEmpty ? String(word) : line + " " + word
      if columns(extended) <= width {
        line = extended
        continue
      }
      if line.contains(where: { $0 != " " }) { lines.append(line) }
      line = fitted(
        String(repeating: " ", count: lines.isEmpty ? 0 : indent) + word, width: width, style: style
      )
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
