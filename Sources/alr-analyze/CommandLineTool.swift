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

  /// The command that the first argument names, or else the default one.
  private func choose(
    _ arguments: ArraySlice<String>
  ) throws(UsageError) -> (Command, ArraySlice<String>) {
    guard let first = arguments.first else { throw .noArguments }
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
