import Synchronization

@testable import alr_analyze

/// A console whose streams, clock and terminal are the test's.
final class CapturedConsole: Sendable {
  private struct State {
    var output = ""
    var errors = ""
    var time = 0.0
  }

  private let state = Mutex(State())

  var output: String { state.withLock { $0.output } }
  var errors: String { state.withLock { $0.errors } }

  func advance(by seconds: Double) { state.withLock { $0.time += seconds } }

  func console(errorTerminal: Terminal = Terminal(isInteractive: false)) -> Console {
    Console(
      environment: [:], outputTerminal: Terminal(isInteractive: false),
      errorTerminal: errorTerminal, interruption: Interruption(),
      writeOutput: { text in self.state.withLock { $0.output += text } },
      writeError: { text in self.state.withLock { $0.errors += text } },
      now: { self.state.withLock { $0.time } })
  }

  /// Runs the tool in this process.
  func run(_ arguments: [String], commands: [Command] = commandRegistry) -> ExitCode {
    CommandLineTool(commands: commands, console: console()).run(arguments)
  }
}
