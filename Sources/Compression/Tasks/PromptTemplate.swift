/// A text with places such as `{context}`, as Python's `str.format` fills them.
///
/// `{{` and `}}` stand for braces. What is filled in is not looked at again.
public struct PromptTemplate: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case text(String)
    case place(String)
  }

  private let parts: [Part]
  /// As it was written.
  public let text: String

  /// Takes a template apart.
  ///
  /// - Parameters:
  ///   - required: places that it must have.
  ///   - optional: places that it may have.
  /// - Throws: `TaskError.template`.
  public init(
    _ text: String, required: [String], optional: [String] = []
  ) throws(TaskError) {
    let known = required + optional
    let parts = try Self.parts(text)
    for case .place(let name) in parts where !known.contains(name) {
      throw .template(.unknownPlaceholder(name, known: known))
    }
    for name in required where !parts.contains(.place(name)) {
      throw .template(.missingPlaceholder(name))
    }
    self.parts = parts
    self.text = text
  }

  /// A template of the tasks' own, each `{name}` of which is a place.
  init(own text: String) {
    self.text = text
    parts = (try? Self.parts(text)) ?? [.text(text)]
  }

  private static func parts(_ text: String) throws(TaskError) -> [Part] {
    var parts: [Part] = []
    var run = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    var position = 0
    while position < scalars.count {
      let scalar = scalars[position]
      let isDoubled = position + 1 < scalars.count && scalars[position + 1] == scalar
      if scalar != "{" && scalar != "}" {
        run.append(scalar)
        position += 1
      } else if isDoubled {
        run.append(scalar)
        position += 2
      } else if scalar == "{", let end = scalars[position...].firstIndex(of: "}") {
        parts.append(.text(String(run)))
        run = String.UnicodeScalarView()
        var name = String.UnicodeScalarView()
        name.append(contentsOf: scalars[position + 1..<end])
        parts.append(.place(String(name)))
        position = end + 1
      } else {
        throw .template(.loneBrace(character: position + 1))
      }
    }
    parts.append(.text(String(run)))
    return parts
  }

  /// The text with its places filled; a place without a value stays empty.
  public func filled(_ values: [String: String]) -> String {
    parts.reduce(into: "") { text, part in
      switch part {
      case .text(let run): text += run
      case .place(let name): text += values[name] ?? ""
      }
    }
  }
}
