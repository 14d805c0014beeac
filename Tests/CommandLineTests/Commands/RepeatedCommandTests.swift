import Foundation
import ModelFiles
import Testing

@testable import alr_analyze

/// What `--print-command` and `run.json` say repeats the run.
@Suite struct RepeatedCommandTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path + "/it's a 'place'", withIntermediateDirectories: true)
  }

  /// Runs a line in a shell of another folder.
  private func shell(_ line: String, _ shell: String = "/bin/sh") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: shell)
    process.arguments = ["-c", line]
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.environment = ["HOME": "/nowhere"]
    let output = "\(workplace.path)/shell-output"
    try Data().write(to: URL(fileURLWithPath: output))
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(line)")
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  @Test func shellsReadWordsBack() throws {
    var words = ["", "plain-1.5_x/y:z,@%+", "~", "~/a", "a b", "it's", "'", "''", "$HOME `id` \\"]
    words += ["täxt 你好", "#x", "*", "a;b|c&d", "\"", "!x", "-n", "a=b", "{a,b}", "a\\nb"]
    for word in words {
      let quoted = ShellWord.quoted(word)
      #expect(try shell("printf '%s.' \(quoted)") == word + ".", "\(quoted)")
    }
    #expect(ShellWord.quoted("plain-1.5_x/y") == "plain-1.5_x/y")
    #expect(ShellWord.quoted("it's") == #"'it'\''s'"#)
    #expect(ShellWord.quoted(Self.lines) == #"$'one\ntwo\tthree\'s \\ \001\033[1m7'"#)
  }

  private static let lines = "one\ntwo\tthree's \\ \u{1}\u{1B}[1m7"

  private static let bash = ["/bin/bash", "/usr/bin/bash", "/bin/zsh"]
    .first(where: FileManager.default.isExecutableFile)

  /// Quotes with escapes, which a plain shell need not know.
  @Test(.enabled(if: bash != nil, "neither bash nor zsh is installed"))
  func shellsReadLinesBack() throws {
    let quoted = ShellWord.quoted(Self.lines)
    #expect(try shell("printf '%s' \(quoted)", #require(Self.bash)) == Self.lines)
  }

  /// Defaults, and then what decides numbers otherwise; a value that begins with a dash among it.
  @Test(arguments: [
    [],
    [
      "--bos", "never", "--query", "last:3", "--precision", "bf16", "--separator", "eos",
      "--rope", "base:5e3,linear:2", "--threads", "1", "--memory", "1M", "--capture=-it's $5",
    ],
  ])
  func thePrintedCommandGivesTheSameBytes(options: [String]) throws {
    let folder = workplace.path + "/it's a 'place'"
    try FileManager.default.copyItem(atPath: Executable.corpus, toPath: folder + "/a $b.txt")
    let arguments =
      [Executable.sample, "./a $b.txt", "--chunk-length", "40", "--quiet", "--out", "~r"]
      + ["--max-chunks", "3"] + options
    let told = try Executable.run(arguments + ["--print-command"], in: folder)
    #expect(told.exitCode == 0 && told.errors == "", "\(told.errors)")
    #expect(told.output.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    #expect(!FileManager.default.fileExists(atPath: folder + "/~r"))

    let first = try Executable.run(arguments, in: folder)
    #expect(first.exitCode == 0, "\(first.errors)")
    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/~r/\(name)"))
    }
    let names =
      ["result.json", "arrays.npz", "heads.csv"] + (options.isEmpty ? [] : ["capture.npz"])
    let expected = try names.map(bytes)
    let run = try JSONDocument(parsing: Array(bytes("run.json"))).root
    #expect(run["command"]?.string == String(told.output.dropLast()))
    #expect(run["arguments"]?.elements.dropFirst().map(\.string) == arguments.map { $0 })
    #expect(run["directory"]?.string?.hasSuffix("/it's a 'place'") == true)
    #expect(run["tool"]?.string == toolVersion)

    try FileManager.default.removeItem(atPath: folder + "/~r")
    _ = try shell(String(told.output.dropLast()))
    #expect(try names.map(bytes) == expected)
    #expect(expected.allSatisfy { $0.count > 100 })
    // Said again by the run that it made.
    let again = try JSONDocument(parsing: Array(bytes("run.json"))).root
    #expect(again["command"]?.string == run["command"]?.string)
  }

  /// What is new among the options is told too.
  @Test func everyOptionIsTold() throws {
    let outcome = try Executable.run(
      [
        Executable.sample, Executable.corpus, "--chunk-length", "40", "--max-chunks", "2",
        "--quiet",
      ],
      in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let run = try JSONDocument(
      parsing: Array(workplace.bytes("alr-results/sample/run.json"))
    ).root
    let options = try #require(run["options"])
    let withoutDefault = ["max-chunks", "until-stable", "rope", "pre", "capture"]
    for option in AnalyzeOptions.specs where option.name != "print-command" {
      let key = option.name.replacingOccurrences(of: "-", with: "_")
      let value = try #require(options[key], "\(option.name)")
      if option.valueName == nil {
        #expect(value.bool == (option.name == "quiet"), "\(option.name)")
      } else if option.name == "max-chunks" {
        #expect(value.int == 2)
      } else {
        #expect(value.isNull == withoutDefault.contains(option.name), "\(option.name)")
      }
    }
    #expect(options["chunk_length"]?.int == 40)
    #expect(options["threads"]?.int == ProcessInfo.processInfo.activeProcessorCount)
    #expect(options["memory"]?.int == Int(clamping: ProcessInfo.processInfo.physicalMemory) / 4)
    #expect(options["out"]?.string?.hasSuffix("/alr-results/sample") == true)
    let command = try #require(run["command"]?.string)
    #expect(command.contains(" analyze ") && command.hasPrefix("ALR_ISA="))
    #expect(command.contains(" --chunk-length 40 --max-chunks 2 --bos auto --query next "))
  }

  @Test func capturesAreRepeatedToo() throws {
    let arguments = [
      "capture", Executable.sample, "--text", "The key norm.", "--layers", "0,2-3", "--what",
      "norms,keys", "--quiet",
    ]
    let told = try Executable.run(arguments + ["--print-command"], in: workplace.path)
    #expect(told.exitCode == 0 && told.errors == "", "\(told.errors)")
    #expect(told.output.contains(" --text 'The key norm.' --layers 0,2-3 --heads all "))
    #expect(try workplace.entries() == ["it's a 'place'"])
    #expect(try Executable.run(arguments, in: workplace.path).exitCode == 0)
    let name = "alr-results/sample-capture/capture.npz"
    let expected = try workplace.bytes(name)
    try FileManager.default.removeItem(atPath: workplace.path + "/alr-results")
    _ = try shell(String(told.output.dropLast()))
    #expect(try workplace.bytes(name) == expected && expected.count > 1000)
  }

  @Test func wrongLinesAreRefusedAsARunRefusesThem() throws {
    for arguments in [
      ["nowhere", "x.txt"], [Executable.sample, "x.txt", "--query", "all", "--chunk-length", "31"],
    ] {
      let outcome = try Executable.run(arguments + ["--print-command"], in: workplace.path)
      #expect([64, 66].contains(outcome.exitCode) && outcome.output == "", "\(arguments)")
    }
  }
}
