/// A small check that a document is well-formed XML: tags nest, attributes are quoted and named
/// once, text holds no stray `<` or `&`, one root.
enum XMLCheck {
  struct Broken: Error, CustomStringConvertible {
    var description: String
  }

  /// The number of elements by name.
  static func elements(_ document: String) throws -> [String: Int] {
    let characters = Array(document)
    var index = 0
    var open: [String] = []
    var roots = 0
    var counts: [String: Int] = [:]
    while index < characters.count {
      guard characters[index] == "<" else {
        if characters[index] == "&" { try entity(characters, index) }
        guard !open.isEmpty || characters[index].isWhitespace else {
          throw Broken(description: "text outside the root")
        }
        index += 1
        continue
      }
      guard let end = characters[index...].firstIndex(of: ">") else {
        throw Broken(description: "tag without end")
      }
      let tag = String(characters[(index + 1)..<end])
      index = end + 1
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else {
          throw Broken(description: "</\(tag.dropFirst())> closes nothing")
        }
        continue
      }
      let isEmpty = tag.hasSuffix("/")
      let body = isEmpty ? String(tag.dropLast()) : tag
      let name = String(body.prefix { !$0.isWhitespace })
      try attributes(String(body.dropFirst(name.count)))
      counts[name, default: 0] += 1
      if open.isEmpty { roots += 1 }
      if !isEmpty { open.append(name) }
    }
    guard open.isEmpty, roots == 1 else {
      throw Broken(description: "unclosed \(open), \(roots) roots")
    }
    return counts
  }

  private static func entity(_ characters: [Character], _ index: Int) throws {
    let rest = String(characters[index..<min(index + 8, characters.count)])
    guard ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].contains(where: rest.hasPrefix) else {
      throw Broken(description: "stray \(rest)")
    }
  }

  private static func attributes(_ text: String) throws {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count % 2 == 1 else { throw Broken(description: "unbalanced quotes: \(text)") }
    var names: Set<String> = []
    for (index, part) in parts.enumerated() {
      if index % 2 == 1 {
        guard !part.contains("<") else { throw Broken(description: "< in a value: \(text)") }
        continue
      }
      if index == parts.count - 1 {
        guard part.allSatisfy(\.isWhitespace) else { throw Broken(description: "loose \(part)") }
        continue
      }
      let name = part.drop(while: \.isWhitespace)
      guard part.first?.isWhitespace == true, name.hasSuffix("="),
        names.insert(String(name)).inserted
      else { throw Broken(description: "attribute \(part)") }
    }
  }
}
