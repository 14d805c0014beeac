import Foundation

/// Chooses the command, runs it and turns its error into one line and an exit code.
struct CommandLineTool {
  var commands: [Command] = commandRegistry
  let console: Console

  /// - Parameter arguments: those after the name of the executable.
  func run(_ arguments: [String]) -> ExitCode {
    do {
      try dispatch(arguments)
      return .done
    } catch {
      console.fail("\(error)")
      return Self.exitCode(of: error)
    }
  }

  /// What does not choose its exit code is a fault of the tool.
  static func exitCode(of error: any Error) -> ExitCode {
    (error as? any ExitCoded)?.exitCode ?? .internalFault
  }

  private func dispatch(_ arguments: [String]) throws {
    if arguments.first == "--help" || arguments.first == "-h" {
      return try help()
    }
    if arguments.first == "--version" { return try console.print(toolVersion) }
    if arguments.first == "help", !FileManager.default.fileExists(atPath: "help") {
      return try dispatch(arguments.dropFirst().prefix(1) + ["--help"])
    }
    let (command, rest) = try choose(arguments[...])
    let parsed = try ArgumentParser(command: command.spec).parse(Array(rest))
    if parsed.has("help") {
      return try console.print(String(HelpScreen.command(command.spec).dropLast()))
    }
    if parsed.has("version") { return try console.print(toolVersion) }
    try command.run(parsed, console)
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
      !FileManager.default.fileExists(atPath: first)
    {
      throw .unknownCommand(first, suggestion: suggestion)
    }
    return (commands[0], arguments)
  }
}
