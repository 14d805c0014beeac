import Foundation
import TestSupport
import Testing

@testable import alr_analyze

/// The documents against what they speak of: files, headings, commands, options.
@Suite struct DocumentationTests {
  private let documents: [Document]

  init() throws {
    let manager = FileManager.default
    var names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    for folder in ["docs", "notebooks-data", "Sources", "Tests"] {
      names += try manager.subpathsOfDirectory(
        atPath: Repository.root.appendingPathComponent(folder).path
      ).map { "\(folder)/\($0)" }.filter { $0.hasSuffix(".md") && !$0.contains("/Fixtures/") }
    }
    documents = try names.sorted().map { try Document(name: $0) }
  }

  @Test func linksLeadSomewhere() throws {
    var followed = 0
    for document in documents {
      let folder = document.url.deletingLastPathComponent()
      for link in document.links where !link.contains("://") {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target =
          parts[0].isEmpty ? document.url : folder.appendingPathComponent(String(parts[0]))
        #expect(
          FileManager.default.fileExists(atPath: target.path),
          "\(document.name): nothing is at \(link)")
        followed += 1
        guard parts.count > 1, target.pathExtension == "md",
          let text = try? String(contentsOf: target, encoding: .utf8)
        else { continue }
        let anchors = Document(name: target.path, url: target, text: text).anchors
        #expect(
          anchors.contains(String(parts[1])), "\(document.name): \(link) names no heading")
      }
    }
    #expect(followed > 30, "only \(followed) links were found")
  }

  @Test func commandLinesParse() {
    var parsed = 0
    for document in documents {
      for line in document.commandLines {
        #expect(throws: Never.self, "\(document.name): \(line)") { try parse(line) }
        parsed += 1
      }
    }
    #expect(parsed > 20, "only \(parsed) command lines were found")
  }

  /// In running text: `--query`, `capture --what all`, `alr-analyze --help`.
  @Test func namedOptionsExist() {
    var named = 0
    for document in documents where document.speaksOfTheTool {
      for span in document.codeSpans where !span.hasPrefix("--name") {
        let words = span.split(separator: " ").map(String.init)
        guard let first = words.first,
          let specs = specs(speakingOf: first, isLast: words.count == 1)
        else { continue }
        for word in words where word.hasPrefix("--") {
          let name = word.dropFirst(2).prefix { $0.isLetter || $0 == "-" }
          #expect(
            name.isEmpty || specs.contains { $0.option(named: name) != nil },
            "\(document.name): no command has the option of `\(span)`")
          named += 1
        }
      }
    }
    #expect(named > 50, "only \(named) options were found")
  }

  /// What `word` at the front of a span of code may speak of; `nil` where it is another program.
  private func specs(speakingOf word: String, isLast: Bool) -> [CommandSpec]? {
    let all = commandRegistry.map(\.spec)
    if word.hasPrefix("--") || word == toolName { return all }
    if let own = all.first(where: { $0.name == word }) { return [own] }
    let family = all.filter { $0.name.hasPrefix(word + " ") }
    return family.isEmpty ? nil : family
  }

  /// The words after the tool's name, as the tool reads them.
  private func parse(_ words: [String]) throws {
    guard let first = words.first, first != "--help", first != "--version", first != "help" else {
      return
    }
    // The first word of names of two, by itself, asks which there are.
    if words.count == 1, commandRegistry.contains(where: { $0.spec.name.hasPrefix(first + " ") }) {
      return
    }
    let command = commandRegistry.first { command in
      words.starts(with: command.spec.name.split(separator: " ").map(String.init))
    }
    let spec = try #require(command ?? commandRegistry.first).spec
    let named = command?.spec.name.split(separator: " ").count ?? 0
    var arguments = Array(words.dropFirst(named))
    // A shell's variable stands for any of the choices.
    for index in arguments.indices.dropFirst() where arguments[index].hasPrefix("$") {
      let choices = spec.option(named: arguments[index - 1].dropFirst(2))?.choices ?? []
      arguments[index] = choices.first ?? arguments[index]
    }
    _ = try ArgumentParser(command: spec).parse(arguments)
  }

  /// What the tests above rest on.
  @Test func documentsAreRead() {
    let text = """
      # One & two: `three`
      See [a](b.md#c) and `alr-analyze --help`, ![d](e.png).
      ```console
      $ cat x | alr-analyze analyze "a b" - \\
          --out 'c d' # why
      alr-analyze: no
      ```
      ```sh
      swift run -c release alr-analyze M C > log; ls
      .build/release/alr-analyze bench && alr-analyze table [link](in-code)
      ```
      ```text
      alr-analyze is not run here
      ```
      """
    let document = Document(name: "x", url: URL(fileURLWithPath: "/x"), text: text)
    #expect(document.anchors == ["one--two-three"])
    #expect(document.links == ["b.md#c", "e.png"])
    #expect(document.codeSpans == ["three", "alr-analyze --help"])
    #expect(
      document.commandLines == [
        ["analyze", "a b", "-", "--out", "c d"], ["M", "C"], ["bench"],
        ["table", "[link](in-code)"],
      ])
    #expect(throws: (any Error).self) { try parse(["bench", "--no-such-option"]) }
    #expect(throws: (any Error).self) { try parse(["M", "C", "--bos", "perhaps"]) }
    #expect(throws: (any Error).self) { try parse(["M"]) }
  }
}

/// A Markdown file, as far as these tests read it.
private struct Document {
  let name: String
  let url: URL
  /// Lines outside of fences, and those within with the language of the fence.
  private let prose: [String]
  private let fenced: [(language: String, line: String)]

  init(name: String) throws {
    let url = Repository.root.appendingPathComponent(name)
    self.init(name: name, url: url, text: try String(contentsOf: url, encoding: .utf8))
  }

  init(name: String, url: URL, text: String) {
    self.name = name
    self.url = url
    var prose: [String] = []
    var fenced: [(language: String, line: String)] = []
    var language: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      if trimmed.hasPrefix("```") {
        language = language == nil ? String(trimmed.dropFirst(3)) : nil
      } else if let language {
        fenced.append((language, String(line)))
      } else {
        prose.append(String(line))
      }
    }
    self.prose = prose
    self.fenced = fenced
  }

  /// Whether options in running text are those of the tool: not where scripts are described.
  var speaksOfTheTool: Bool { name.hasPrefix("docs/") || !name.contains("/") }

  /// Targets of links and pictures.
  var links: [String] {
    let text = Self.removingCode(prose.joined(separator: "\n"))
    return text.matches(of: /\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/).map {
      String($0.1 ?? $0.2 ?? "")
    }
  }

  /// What stands between backticks.
  var codeSpans: [String] {
    prose.joined(separator: "\n").matches(of: /`([^`]+)`/).map {
      String($0.1).replacing("\n", with: " ")
    }
  }

  /// Headings as links name them.
  var anchors: [String] {
    prose.filter { $0.hasPrefix("#") }.map { line in
      String(
        line.drop { $0 == "#" }.drop { $0 == " " }.lowercased().compactMap { character in
          if character == " " { return "-" }
          return character.isLetter || character.isNumber || "-_".contains(character)
            ? character : nil
        })
    }
  }

  /// Arguments of every line that runs the tool: lines of a shell's script, and of a console those
  /// after a prompt.
  var commandLines: [[String]] {
    var lines: [String] = []
    var isContinued = false
    for (language, line) in fenced where ["sh", "bash", "console"].contains(language) {
      let isTyped = language != "console" || line.hasPrefix("$ ")
      if isContinued {
        lines[lines.count - 1].removeLast()
        lines[lines.count - 1] += " " + line
      } else if isTyped {
        lines.append(line.hasPrefix("$ ") ? String(line.dropFirst(2)) : line)
      }
      isContinued = (isContinued || isTyped) && line.hasSuffix("\\")
    }
    return lines.flatMap(Self.commands).compactMap { words in
      let tool = words.firstIndex { $0 == toolName || $0.hasSuffix("/\(toolName)") }
      guard let tool, tool == 0 || words[0] == "swift" else { return nil }
      return Array(words[(tool + 1)...])
    }
  }

  private static func removingCode(_ text: String) -> String {
    text.replacing(/`[^`]*`/, with: "")
  }

  /// The commands of one line in words, as a shell splits them, without what redirects.
  private static func commands(_ line: String) -> [[String]] {
    var commands: [[String]] = [[]]
    var word: String?
    var quote: Character?
    func end() {
      if let word { commands[commands.count - 1].append(word) }
      word = nil
    }
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character == "#", word == nil {
        break
      } else if "|;&".contains(character) {
        end()
        commands.append([])
      } else if character == " " {
        end()
      } else {
        word = (word ?? "") + String(character)
      }
    }
    end()
    return commands.filter { !$0.isEmpty }.map { words in
      Array(words.prefix { !$0.hasPrefix(">") && !$0.hasPrefix("<") && !$0.hasPrefix("2>") })
    }
  }
}
