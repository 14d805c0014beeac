/// The text of a Jinja template, brought into a form in which its habits can be looked for.
///
/// Comments go, spaces between words of the code go, string literals are unescaped, and a message's
/// `['content']` is `.content`.
struct TemplateCode {
  /// All statements and expressions, one behind the other. A literal stands between `open` and
  /// `close`.
  let code: String
  /// The string literals, unescaped.
  let literals: [String]
  /// What is written as it stands between statements and expressions, by the rules that the reference
  /// sets: line breaks behind statements and white space before them go.
  let written: [String]

  /// Stand for quotes, and in no text.
  private static let open = "\u{1}"
  private static let close = "\u{2}"

  /// Reads a template; `nil` where it is cut short.
  init?(_ template: String) {
    var reader = Reader(Array(template.unicodeScalars))
    guard reader.read() else { return nil }
    literals = reader.literals
    written = reader.written.filter { !$0.isEmpty }
    code = ["content", "role"].reduce(reader.code) { code, field in
      code.replacing("[\(Self.open)\(field)\(Self.close)]", with: ".\(field)")
    }
  }

  /// The code of a literal.
  static func quoted(_ text: String) -> String { open + text + close }

  /// Whether the code has that part; `'…'` in it stands for a literal.
  func has(_ part: String) -> Bool {
    var code = ""
    var isInside = false
    for character in part {
      if character == "'" {
        code += isInside ? Self.close : Self.open
        isInside.toggle()
      } else {
        code.append(character)
      }
    }
    return self.code.contains(code)
  }

  /// Whether a literal has that part.
  func says(_ part: String) -> Bool { literals.contains { $0.contains(part) } }

  /// The literal that is assigned to a name last.
  func literal(assignedTo name: String) -> String? {
    guard let start = code.ranges(of: "\(name)=\(Self.open)").last?.upperBound else { return nil }
    return String(code[start...].prefix { $0 != "\u{2}" })
  }

  private struct Reader {
    let scalars: [Unicode.Scalar]
    var position = 0
    var code = ""
    var literals: [String] = []
    var written: [String] = []
    private var isAtLineStart = true

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// Whether two scalars stand at the position.
    private func stands(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
      position + 1 < scalars.count && scalars[position] == first && scalars[position + 1] == second
    }

    mutating func read() -> Bool {
      var text: [Unicode.Scalar] = []
      while position < scalars.count {
        let kind: Unicode.Scalar? =
          stands("{", "{") ? "}" : stands("{", "%") ? "%" : stands("{", "#") ? "#" : nil
        guard let kind else {
          text.append(scalars[position])
          position += 1
          continue
        }
        position += 2
        let strips = position < scalars.count && scalars[position] == "-"
        if strips {
          position += 1
          while let last = text.last, MetricWords.isSpace(last) { text.removeLast() }
        } else if kind != "}" {
          // White space before a statement goes where nothing else stands on its line.
          let line = text.reversed().prefix { $0 == " " || $0 == "\t" }.count
          if line == text.count ? isAtLineStart : text[text.count - line - 1] == "\n" {
            text.removeLast(line)
          }
        }
        write(text)
        text = []
        guard let stripsBehind = readBlock(endedBy: kind) else { return false }
        if stripsBehind {
          while position < scalars.count, MetricWords.isSpace(scalars[position]) { position += 1 }
          isAtLineStart = false
        } else {
          isAtLineStart = kind != "}" && position < scalars.count && scalars[position] == "\n"
          if isAtLineStart { position += 1 }
        }
      }
      if text.last == "\n" { text.removeLast() }
      write(text)
      return true
    }

    private mutating func write(_ text: [Unicode.Scalar]) {
      written.append(Self.string(text))
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      return String(view)
    }

    /// Reads up to the end of a block; whether white space behind it goes, `nil` where it has no end.
    private mutating func readBlock(endedBy kind: Unicode.Scalar) -> Bool? {
      code += " "
      while position < scalars.count {
        let scalar = scalars[position]
        if stands(kind, "}") {
          position += 2
          return scalars[position - 3] == "-"
        }
        position += 1
        if kind == "#" { continue }
        if scalar == "'" || scalar == "\"" {
          guard let literal = readLiteral(quote: scalar) else { return nil }
          literals.append(literal)
          code += TemplateCode.quoted(literal)
        } else if !MetricWords.isSpace(scalar) {
          code.unicodeScalars.append(scalar)
        }
      }
      return nil
    }

    private mutating func readLiteral(quote: Unicode.Scalar) -> String? {
      var text: [Unicode.Scalar] = []
      while position < scalars.count {
        var scalar = scalars[position]
        position += 1
        if scalar == quote { return Self.string(text) }
        if scalar == "\\", position < scalars.count {
          switch scalars[position] {
          case "n": scalar = "\n"
          case "t": scalar = "\t"
          case "r": scalar = "\r"
          case let other: scalar = other
          }
          position += 1
        }
        text.append(scalar)
      }
      return nil
    }
  }
}
