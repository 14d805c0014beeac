/// What a command accepts: the parser, the help screens and shell completion all read it.
struct CommandSpec: Sendable {
  var name: String
  /// One line of the command list; lower case, no full stop.
  var summary: String
  var positionals: [PositionalSpec]
  var options: [OptionSpec]
  /// Names that stand in for an argument and what each is, under a heading of their own.
  var glossary: Glossary?
  /// At least one whole command line.
  var examples: [String]

  struct Glossary: Sendable {
    var title: String
    var entries: [(name: String, help: String)]
  }

  /// The option of that name, written without its dashes.
  func option(named name: some StringProtocol) -> OptionSpec? {
    allOptions.first { $0.name == name }
  }

  /// The command's own options and those of every command.
  var allOptions: [OptionSpec] { options + [.help, .version] }

  /// For example `alr-analyze tokenize MODEL [FILE...] [options]`.
  var usage: String {
    let arguments = positionals.map(\.usage) + ["[options]"]
    return ([toolName, name] + arguments).joined(separator: " ")
  }
}

/// An argument known by its place.
struct PositionalSpec: Sendable {
  enum Arity: Sendable {
    case required
    case optional
    /// Any number, none included.
    case any
    case oneOrMore
  }

  /// In capitals.
  var name: String
  var help: String
  var arity: Arity = .required

  var usage: String {
    switch arity {
    case .required: name
    case .optional: "[\(name)]"
    case .any: "[\(name)...]"
    case .oneOrMore: "\(name)..."
    }
  }
}

/// What the cases of an option's closed list of values are.
typealias OptionChoice = RawRepresentable<String> & CaseIterable

/// An argument known by its name: a flag, or an option with a value.
struct OptionSpec: Sendable {
  /// Without its dashes.
  var name: String
  /// The placeholder of the value on help screens; `nil` for a flag.
  var valueName: String?
  /// The only values, where the option has a closed list of them.
  var choices: [String] = []
  var help: String
  /// The value that counts where the option is not given, as help screens show it.
  var defaultValue: String?
  /// The value that counts where the option is given without one. A value of such an option is a
  /// number, so that what stands behind it and is none is the next argument.
  var impliedValue: String?
  /// Whether it may be given several times, each time with another value.
  var isRepeatable = false
  /// Whether the value is a path, in which `~` may stand for a home folder. Arguments known by
  /// their place always are.
  var isPath = false

  static func flag(_ name: String, _ help: String) -> OptionSpec {
    OptionSpec(name: name, valueName: nil, help: help)
  }

  static func value(
    _ name: String, _ valueName: String, _ help: String, default defaultValue: String? = nil
  ) -> OptionSpec {
    OptionSpec(name: name, valueName: valueName, help: help, defaultValue: defaultValue)
  }

  static func path(
    _ name: String, _ valueName: String, _ help: String, default defaultValue: String? = nil
  ) -> OptionSpec {
    OptionSpec(
      name: name, valueName: valueName, help: help, defaultValue: defaultValue, isPath: true)
  }

  static func choice(
    _ name: String, _ choices: [String], _ help: String, default defaultValue: String
  ) -> OptionSpec {
    OptionSpec(
      name: name, valueName: choices.joined(separator: "|"), choices: choices, help: help,
      defaultValue: defaultValue)
  }

  /// A choice among too many to spell out: help screens say `named` and tell the choices elsewhere.
  static func choice(
    _ name: String, named: String, _ choices: [String], _ help: String,
    default defaultValue: String
  ) -> OptionSpec {
    OptionSpec(
      name: name, valueName: named, choices: choices, help: help, defaultValue: defaultValue)
  }

  static func choice<Value: OptionChoice>(
    _ name: String, _ help: String, default defaultValue: Value
  ) -> OptionSpec {
    choice(name, Value.allCases.map(\.rawValue), help, default: defaultValue.rawValue)
  }

  /// The same option, whose value, a number, may be left out.
  func implying(_ value: String) -> OptionSpec {
    var option = self
    option.impliedValue = value
    return option
  }

  /// The same option, which may be given several times.
  var repeatable: OptionSpec {
    var option = self
    option.isRepeatable = true
    return option
  }

  static let help = flag("help", "show this help")
  static let version = flag("version", "show the version")

  /// For example `--chunk-length N`.
  var usage: String {
    guard let valueName else { return "--\(name)" }
    return impliedValue == nil ? "--\(name) \(valueName)" : "--\(name) [\(valueName)]"
  }
}
