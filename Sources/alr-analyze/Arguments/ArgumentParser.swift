import ModelFiles

/// Reads a command's arguments against its specification.
struct ArgumentParser {
  let command: CommandSpec
  /// Says where `~` is, in paths.
  var environment: [String: String] = [:]

  /// - Throws: `UsageError` at the first argument that does not fit.
  /// - Returns: the arguments; where `--help` or `--version` is among them nothing else is asked
  ///   of the line.
  func parse(_ arguments: [String]) throws(UsageError) -> ParsedArguments {
    var parsed = ParsedArguments()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        parsed.positionals += rest
        break
      }
      if argument == "-h" {
        parsed.values["help"] = ""
      } else if argument.hasPrefix("-"), argument != "-" {
        try parseOption(argument, &rest, &parsed)
      } else {
        parsed.positionals.append(argument)
      }
    }
    if parsed.has("help") || parsed.has("version") { return parsed }
    try check(parsed.positionals)
    parsed.positionals = parsed.positionals.map(path)
    return parsed
  }

  private func parseOption(
    _ argument: String, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelled = String(parts[0])
    let attached = parts.count > 1 ? String(parts[1]) : nil
    guard spelled.hasPrefix("--"), let option = command.option(named: spelled.dropFirst(2)) else {
      let known = command.allOptions.map { "--\($0.name)" }
      throw .unknownOption(
        spelled, command: command.name,
        suggestion: Suggestion.nearest(to: spelled, among: known))
    }
    if parsed.values[option.name] != nil, !option.isRepeatable {
      throw .repeatedOption(option.name)
    }
    guard let valueName = option.valueName else {
      if attached != nil { throw .flagWithValue(option: option.name) }
      parsed.values[option.name] = ""
      return
    }
    // A value that begins with a dash is spelt --option=value; `--out --force` forgot its value.
    var following = rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
    if option.impliedValue != nil, let next = following, Double(next) == nil { following = nil }
    guard let value = attached ?? following ?? option.impliedValue, !value.isEmpty else {
      throw .missingValue(option: option.name, valueName: valueName)
    }
    if attached == nil, following != nil { rest.removeFirst() }
    if !option.choices.isEmpty, !option.choices.contains(value) {
      throw .unknownChoice(
        option: option.name, value: value, choices: option.choices,
        suggestion: Suggestion.nearest(to: value, among: option.choices))
    }
    let read = option.isPath ? path(value) : value
    parsed.values[option.name] = read
    if option.isRepeatable { parsed.lists[option.name, default: []].append(read) }
  }

  /// The only place where a path of the command line is made into the one that is opened.
  private func path(_ argument: String) -> String {
    UserPath.resolved(argument, environment: environment)
  }

  private func check(_ positionals: [String]) throws(UsageError) {
    if let empty = positionals.firstIndex(where: \.isEmpty) {
      let name = command.positionals.prefix(empty + 1).last?.name ?? "argument"
      throw .emptyArgument(name, command: command.name)
    }
    var left = positionals.count
    for spec in command.positionals {
      switch spec.arity {
      case .required, .oneOrMore:
        if left == 0 { throw .missingArgument(spec.name, command: command.name) }
        left -= spec.arity == .required ? 1 : left
      case .optional: left -= min(1, left)
      case .any: left = 0
      }
    }
    if left > 0 {
      throw .surplusArgument(positionals[positionals.count - left], command: command.name)
    }
  }
}
