import AttentionAnalysis
import Foundation
import ModelFiles

/// Everything a command needs from the world: its streams, its terminal, the wish to stop.
struct Console: Sendable {
  /// The command line, the executable's name first.
  var invocation = [toolName]
  var environment: [String: String]
  /// Behind standard output.
  var outputTerminal: Terminal
  /// Behind standard error.
  var errorTerminal: Terminal
  var interruption: Interruption
  /// Writes to standard output.
  var writeOutput: @Sendable (String) throws -> Void
  /// Writes to standard error; what cannot be said there cannot be said at all.
  var writeError: @Sendable (String) -> Void
  /// Seconds from some fixed moment.
  var now: @Sendable () -> Double

  /// Tables and results.
  func print(_ text: String) throws(OutputError) {
    do {
      try writeOutput(text + "\n")
    } catch {
      throw OutputError(reason: (error as? SystemError)?.reason)
    }
  }

  /// A part of a text that a model writes, as it comes; no escape sequences.
  func printPart(_ text: String) throws(OutputError) {
    if text.isEmpty { return }
    var part = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      part.unicodeScalars.append(
        isControl && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar)
    }
    do {
      try writeOutput(part)
    } catch {
      throw OutputError(reason: (error as? SystemError)?.reason)
    }
  }

  /// A JSON value for programs.
  func print(_ value: JSONValue) throws(OutputError) {
    try print(String(JSONWriter.string(of: value).dropLast()))
  }

  /// One line about something that does not stop the work.
  func warn(_ message: String) { writeError("\(toolName): warning: \(Self.line(message))\n") }

  /// One line about what stopped the work.
  func fail(_ message: String) { writeError("\(toolName): \(Self.line(message))\n") }

  /// That the work was given up from outside, wherever it was.
  func sayInterrupted() {
    // A bar of progress, and the `^C` behind it, may stand there.
    if errorTerminal.isInteractive { writeError("\n") }
    fail(UnfinishedFiles.hasWritten ? "interrupted" : "\(AnalysisRun.Cancelled())")
  }

  /// The process's own streams.
  static func system() -> Console {
    let environment = ProcessInfo.processInfo.environment
    return Console(
      invocation: CommandLine.arguments, environment: environment,
      outputTerminal: Terminal(descriptor: STDOUT_FILENO, environment: environment),
      errorTerminal: Terminal(descriptor: STDERR_FILENO, environment: environment),
      interruption: Interruption(),
      writeOutput: { try StandardStreams.write($0, to: STDOUT_FILENO) },
      writeError: { try? StandardStreams.write($0, to: STDERR_FILENO) },
      now: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 })
  }

  /// Text from strangers made fit for a terminal: no line breaks and no escape sequences.
  static func line(_ message: String) -> String {
    var line = ""
    for scalar in message.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      line.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return line
  }
}

extension String {
  /// The text behind as many spaces as make it `width` characters long.
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

/// Standard output does not take what is written, as on a full disk.
struct OutputError: ExitCoded, Equatable, CustomStringConvertible {
  /// The system's own words.
  var reason: String?

  var exitCode: ExitCode { .cannotWrite }
  var description: String { "cannot write to standard output" + (reason.map { ": \($0)" } ?? "") }
}
