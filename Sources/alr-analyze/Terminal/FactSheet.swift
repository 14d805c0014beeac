/// Names and what there is to say of them, in two columns, in groups.
struct FactSheet {
  struct Row: Equatable {
    /// A row below another begins with two spaces.
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  var groups: [[Row]]

  /// Values have at least as many columns beside their names, or lines of their own below them.
  private static let leastWidth = 24

  /// - Parameter width: columns of the terminal; `nil` where lines may be of any length, as in
  ///   files.
  func text(width: Int?) -> String {
    let column = (groups.joined().map(\.name.count).max() ?? 0) + 2
    return groups.map { rows in
      rows.map { Self.text($0, column: column, width: width) }.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func text(_ row: Row, column: Int, width: Int?) -> String {
    let name = row.name + String(repeating: " ", count: max(0, column - row.name.count))
    guard let width else { return name + row.value }
    let isBeside = width - column >= leastWidth
    let indent = String(repeating: " ", count: isBeside ? column : 4)
    let lines = lines(row.value, width: max(1, width - indent.count))
    if isBeside { return name + lines.joined(separator: "\n" + indent) }
    return ([row.name] + lines.map { indent + $0 }).joined(separator: "\n")
  }

  /// Broken between words; a longer word is broken by the terminal, so that it can be copied whole.
  private static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
