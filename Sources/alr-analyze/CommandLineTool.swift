import AttentionAnalysis
import ModelFiles

/// Chooses the command, runs it and turns its error into one line and an exit code.
struct CommandLineTool {
  var commands: [Command] = commandRegistry
  let console: Console

  /// - Parameter arguments: those after the name of the executable.
  func run(_ arguments: [String]) -> ExitCode {
    do {
      try dispatch(arguments)
      console.interruption.claimEnd()
      return .done
    } catch {
      console.interruption.claimEnd()
      console.fail("\(error)")
      return error is AnalysisRun.Cancelled
        ? console.interruption.exitCode : Self.exitCode(of: error)
    }
  }

  /// An error that does not choose its exit code is a fault of the tool.
  static func exitCode(of error: any Error) -> ExitCode {
    (error as? any ExitCoded)?.exitCode ?? .internalFault
  }

  private func dispatch(_ arguments: [String]) throws {
    if arguments.first == "--help" || arguments.first == "-h" {
      return try help()
    }
    if arguments.first == "--version" { return try console.print(toolVersion) }
    if arguments.first == "help", !PathKind("help").exists {
      return try help(about: arguments.dropFirst())
    }
    if let name = arguments.first, let family = family(name),
      arguments.count == 2, ["--help", "-h"].contains(arguments[1])
    {
      return try help(family, name)
    }
    let (command, rest) = try choose(arguments[...])
    let parsed = try ArgumentParser(
      command: command.spec, environment: console.environment
    ).parse(Array(rest))
    if parsed.has("help") {
      return try console.print(String(HelpScreen.command(command.spec).dropLast()))
    }
    if parsed.has("version") { return try console.print(toolVersion) }
    try command.run(parsed, console)
  }

  /// `help`, `help COMMAND`.
  private func help(about names: ArraySlice<String>) throws {
    guard let name = names.first, name != "--help", name != "-h" else { return try help() }
    // Names may be of two words.
    let both = names.prefix(2).joined(separator: " ")
    if let command = commands.first(where: { $0.spec.name == both }), names.count >= 2 {
      if let surplus = names.dropFirst(2).first {
        throw UsageError.surplusArgument(surplus, command: "help")
      }
      return try console.print(String(HelpScreen.command(command.spec).dropLast()))
    }
    if let family = family(name), names.count == 1 { return try help(family, name) }
    guard let command = commands.first(where: { $0.spec.name == name }) else {
      let known = commands.map { $0.spec.name }
      throw UsageError.noSuchCommand(
        name, known: known, suggestion: Suggestion.nearest(to: name, among: known))
    }
    if let surplus = names.dropFirst().first {
      throw UsageError.surplusArgument(surplus, command: "help")
    }
    try console.print(String(HelpScreen.command(command.spec).dropLast()))
  }

  private func help() throws {
    try console.print(String(HelpScreen.tool(commands.map { $0.spec }).dropLast()))
  }

  /// The commands whose names begin with the word `name`, where there are any.
  private func family(_ name: String) -> [Command]? {
    let family = commands.filter { $0.spec.name.hasPrefix(name + " ") }
    return family.isEmpty ? nil : family
  }

  private func help(_ family: [Command], _ name: String) throws {
    try console.print(String(HelpScreen.family(name, family.map { $0.spec }).dropLast()))
  }

  /// The command that the first argument, or the first two, name, or else the default one.
  private func choose(
    _ arguments: ArraySlice<String>
  ) throws(UsageError) -> (Command, ArraySlice<String>) {
    guard let first = arguments.first else { throw .noArguments }
    if let family = family(first) {
      let second = arguments.dropFirst().first
      if let second, let command = family.first(where: { $0.spec.name == "\(first) \(second)" }) {
        return (command, arguments.dropFirst(2))
      }
      let known = family.map { String($0.spec.name.dropFirst(first.count + 1)) }
      throw .noSuchSubcommand(
        first, given: second, known: known,
        suggestion: second.flatMap { Suggestion.nearest(to: $0, among: known) })
    }
    if let command = commands.first(where: { $0.spec.name == first }) {
      return (command, arguments.dropFirst())
    }
    // A misspelt command would otherwise be taken for a model.
    if let suggestion = Suggestion.nearest(to: first, among: commands.map { $0.spec.name }),
      !PathKind(first).exists
    {
      throw .unknownCommand(first, suggestion: suggestion)
    }
    return (commands[0], arguments)
  }
}
