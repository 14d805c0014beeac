import Results

/// Help screens, wrapped to 80 columns whatever the terminal: they read the same everywhere.
enum HelpScreen {
  private static let width = 80

  /// The screen of the tool itself.
  static func tool(_ commands: [CommandSpec]) -> String {
    var lines = wrapped(
      "Measures how well a KV cache can be compressed by the L2 norm of its keys: the ALR of every "
        + "attention head of a language model.")
    lines += [
      "",
      "Usage: \(toolName) MODEL CORPUS [options]",
      "       \(toolName) COMMAND ...",
      "",
      "Commands:",
    ]
    lines += table(commands.map { ($0.name, $0.summary) })
    lines += ["", "'\(toolName) COMMAND --help' explains one; the default is analyze."]
    lines += ["", "Example:", "  \(toolName) ./SmolLM2-135M wikipedia.txt"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The screen of commands whose names begin with the same word.
  static func family(_ name: String, _ commands: [CommandSpec]) -> String {
    var lines = ["Usage: \(toolName) \(name) WHAT MODEL ...", "", "What:"]
    lines += table(commands.map { (String($0.name.dropFirst(name.count + 1)), $0.summary) })
    lines += ["", "'\(toolName) \(name) WHAT --help' explains one."]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The screen of one command.
  static func command(_ command: CommandSpec) -> String {
    var lines = wrapped(command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".")
    lines += ["", "Usage: \(command.usage)"]
    if !command.positionals.isEmpty {
      lines += ["", "Arguments:"] + table(command.positionals.map { ($0.name, $0.help) })
    }
    lines += ["", "Options:"]
    lines += table(
      command.allOptions.map { option in
        (
          option.usage,
          option.help + (option.isRepeatable ? "; may be given several times" : "")
            + (option.defaultValue.map { " (default: \($0))" } ?? "")
        )
      })
    if let glossary = command.glossary {
      lines += ["", "\(glossary.title):"] + table(glossary.entries.map { ($0.name, $0.help) })
    }
    lines += ["", command.examples.count == 1 ? "Example:" : "Examples:"]
    lines += command.examples.map { "  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Two columns; a long entry on the left has its line to itself.
  private static func table(_ rows: [(String, String)]) -> [String] {
    let column = min(26, (rows.map(\.0.count).max() ?? 0) + 4)
    return rows.flatMap { name, text -> [String] in
      var lines = wrapped(text, width: width - column).map {
        String(repeating: " ", count: column) + $0
      }
      if name.count + 4 > column {
        lines.insert("  \(name)", at: 0)
      } else {
        lines[0] = "  \(name)" + lines[0].dropFirst(name.count + 2)
      }
      return lines
    }
  }

  private static func wrapped(_ text: String, width: Int = width) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let last = lines.count - 1
      if lines[last].isEmpty {
        lines[last] = String(word)
      } else if lines[last].count + 1 + word.count <= width {
        lines[last] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
