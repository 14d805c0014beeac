import Foundation
import Testing

/// Signals, full disks and closed pipes: one line, an exit code, and nothing left behind.
@Suite struct SignalTests {
  let workplace: Workplace
  private static let small = [
    "--chunk-length", "16", "--max-chunks", "2", "--quiet", "--threads", "1",
  ]

  init() throws { workplace = try Workplace() }

  private func run(
    _ arguments: [String], redirection: String = "", setup: String = ""
  ) throws -> Executable.Outcome {
    let process = try Executable.start(
      arguments, in: workplace.path, redirection: redirection, setup: setup)
    return try Executable.outcome(of: process, in: workplace.path)
  }

  private func makeResults() throws {
    let outcome = try run([Executable.sample, Executable.corpus, "--out", "r"] + Self.small)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }

  /// Blocks of 512 bytes or of 1024: less than any of these files either way.
  @Test func filesThatMayNotGrowAreOneLine() throws {
    try makeResults()
    let before = try FileManager.default.subpathsOfDirectory(atPath: workplace.path)
    for (arguments, name) in [
      ([Executable.sample, Executable.corpus, "--out", "limited"] + Self.small, "limited"),
      (
        [Executable.sample, Executable.corpus, "--out", "deep/er/limited"] + Self.small,
        "deep/er/limited"
      ),
      ([Executable.sample, Executable.corpus, "--out", "r"] + Self.small, "r"),
      (
        ["capture", Executable.sample, "--text", "a b c d", "--quiet"], "alr-results/sample-capture"
      ),
      (["figure", "r", "--format", "png"], "r/figures"),
    ] {
      let outcome = try run(arguments, setup: "ulimit -f 8;")
      #expect(outcome.exitCode == 73)
      #expect(
        outcome.errors == "alr-analyze: \(name): cannot be written: File too large\n",
        "\(outcome.errors)")
      #expect(
        try FileManager.default.subpathsOfDirectory(atPath: workplace.path).sorted()
          == before.sorted())
    }
  }

  private func expectOneLine(_ reason: String, redirection: String) throws {
    try makeResults()
    let commands = [
      ["tokenize", Executable.sample, Executable.corpus], ["inspect", Executable.sample],
      ["table", "r", "--rows", "heads"], ["figure", "r", "--figure", "alr", "--out", "f"],
      ["capture", Executable.sample, "--text", "x", "--quiet", "--out", "c"], ["--help"],
      [Executable.sample, Executable.corpus, "--out", "r"] + Self.small,
      [Executable.sample, Executable.corpus, "--out", "r", "--json"] + Self.small,
    ]
    for command in commands {
      let outcome = try run(command, redirection: redirection)
      #expect(outcome.exitCode == 73, "\(command)")
      #expect(
        outcome.errors == "alr-analyze: cannot write to standard output: \(reason)\n",
        "\(command): \(outcome.errors)")
    }
  }

  @Test func outputThatIsClosedIsOneLine() throws {
    try expectOneLine("Bad file descriptor", redirection: ">&-")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func outputThatIsFullIsOneLine() throws {
    try expectOneLine("No space left on device", redirection: ">/dev/full")
  }

  @Test func outputBeyondALimitIsOneLine() throws {
    let limited = try run(
      ["tokenize", Executable.sample, Executable.corpus], redirection: ">big",
      setup: "ulimit -f 1;")
    #expect(limited.exitCode == 73)
    #expect(
      limited.errors == "alr-analyze: cannot write to standard output: File too large\n")
  }

  /// As behind `| head -1`; the pipe has no reader before the tool writes.
  @Test func aPipeThatNobodyReadsIsOneLine() throws {
    let outcome = try run(
      ["tokenize", Executable.sample, Executable.corpus],
      redirection: "; } 3>&1 | sleep 0; exit 0", setup: "{ sleep 1;")
    // The shell's own exit code is that of the end of the pipe: the line tells.
    #expect(
      outcome.errors == "alr-analyze: cannot write to standard output: Broken pipe\n",
      "\(outcome.errors)")
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func askingToStopLeavesNothing(signal: Int32, code: Int32) throws {
    // Far more than a second's work; and a pipe that nothing comes from, where no work looks up.
    let pipe = workplace.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let held = open(pipe, O_RDWR)
    defer { close(held) }
    for corpora in [Array(repeating: Executable.corpus, count: 20), ["pipe"]] {
      let process = try Executable.start(
        [Executable.sample] + corpora
          + ["--threads", "1", "--out", "r", "--quiet", "--pre", "unused"],
        in: workplace.path)
      // Its warning says that it is under way.
      while process.isRunning, try workplace.bytes("stderr").isEmpty {
        Thread.sleep(forTimeInterval: 0.05)
      }
      kill(process.processIdentifier, signal)
      let outcome = try Executable.outcome(of: process, in: workplace.path)
      #expect(outcome.exitCode == code)
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 2 && lines.first?.contains("warning: --pre is for GGUF") == true)
      #expect(lines.last == "alr-analyze: interrupted; nothing was written")
      #expect(try workplace.entries() == ["pipe"])
    }
  }

  @Test func whatNohupStartedOutlivesItsTerminal() throws {
    let process = try Executable.start(
      [Executable.sample, Executable.corpus, "--out", "r", "--max-chunks", "4", "--quiet"],
      in: workplace.path, setup: "trap '' HUP; echo >&2;")
    while process.isRunning {
      if try !workplace.bytes("stderr").isEmpty { kill(process.processIdentifier, SIGHUP) }
      Thread.sleep(forTimeInterval: 0.05)
    }
    let outcome = try Executable.outcome(of: process, in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try workplace.entries() == ["r"])
  }
}
