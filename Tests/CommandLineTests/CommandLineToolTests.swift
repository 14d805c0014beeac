import AttentionAnalysis
import Foundation
import Testing

@testable import alr_analyze

@Suite struct CommandLineToolTests {
  /// A command that does what the test says.
  private func command(
    _ name: String, run: @escaping @Sendable (ParsedArguments, Console) throws -> Void
  ) -> Command {
    Command(
      spec: CommandSpec(
        name: name, summary: "act",
        positionals: [PositionalSpec(name: "WORD", help: "words", arity: .any)],
        options: [.flag("loud", "shout")], examples: ["alr-analyze \(name)"]),
      run: run)
  }

  @Test func theFirstCommandIsTheDefault() {
    let commands = [
      command("first") { try $1.print("first \($0.positionals)") },
      command("second") { try $1.print("second \($0.positionals)") },
    ]
    for (arguments, expected) in [
      (["a", "b"], "first [\"a\", \"b\"]\n"),
      (["first", "a"], "first [\"a\"]\n"),
      (["second", "a"], "second [\"a\"]\n"),
      (["--loud", "second"], "first [\"second\"]\n"),
    ] {
      let captured = CapturedConsole()
      #expect(captured.run(arguments, commands: commands) == .done)
      #expect(captured.output == expected)
    }
  }

  @Test func noArgumentsPointToTheHelp() {
    let captured = CapturedConsole()
    #expect(captured.run([], commands: [command("first") { _, _ in }]) == .usage)
    #expect(captured.errors == "alr-analyze: nothing to measure; see 'alr-analyze --help'\n")
  }

  @Test func aMisspeltCommandIsNotTakenForAModel() throws {
    let commands = [command("analyze") { _, console in try console.print("ran") }]
    let captured = CapturedConsole()
    #expect(captured.run(["analyse", "x"], commands: commands) == .usage)
    #expect(
      captured.errors
        == "alr-analyze: no command and no model is called 'analyse'; did you mean 'analyze'?\n")
    #expect(captured.output.isEmpty)
    // Unless a model of that name is there.
    let folder = NSTemporaryDirectory() + "alr-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let near = [command(folder + "x") { _, console in try console.print("ran") }]
    #expect(CapturedConsole().run([folder], commands: near) == .done)
  }

  struct Broken: Error, CustomStringConvertible {
    var description: String { "broken\nin \u{1B}[31mtwo" }
  }

  @Test func errorsAreOneLineAndChooseTheExitCode() {
    let captured = CapturedConsole()
    #expect(
      captured.run(["a"], commands: [command("a") { _, _ in throw Broken() }]) == .internalFault)
    #expect(captured.errors == "alr-analyze: broken\u{FFFD}in \u{FFFD}[31mtwo\n")
    let interrupted = CapturedConsole()
    #expect(
      interrupted.run(["a"], commands: [command("a") { _, _ in throw AnalysisRun.Cancelled() }])
        == .interrupted)
    #expect(interrupted.errors == "alr-analyze: interrupted; nothing was written\n")
  }

  @Test func outputThatCannotBeWrittenIsCannotWrite() {
    struct Full: Error {}
    let captured = CapturedConsole()
    var console = captured.console()
    console.writeOutput = { _ in throw Full() }
    #expect(CommandLineTool(console: console).run(["--help"]) == .cannotWrite)
    #expect(captured.errors == "alr-analyze: cannot write to standard output\n")
  }

  @Test func exitCodesAreThoseOfTheContract() {
    #expect(
      [
        ExitCode.done, .usage, .badInput, .noInput, .internalFault, .cannotWrite, .hungUp,
        .interrupted, .terminated,
      ].map(\.rawValue) == [0, 64, 65, 66, 70, 73, 129, 130, 143])
  }
}
