import Reporting
import Testing

@testable import alr_analyze

@Suite struct TerminalTests {
  @Test(arguments: [
    ([:], TerminalStyle.ColorLevel.none),
    (["TERM": "dumb", "COLORTERM": "truecolor"], .none),
    (["TERM": "xterm"], .ansi16),
    (["TERM": "xterm-256color"], .ansi256),
    (["TERM": "xterm-256color", "COLORTERM": "truecolor"], .truecolor),
    (["TERM": "xterm", "COLORTERM": "24bit"], .truecolor),
    (["TERM": "xterm-256color", "NO_COLOR": "1"], .none),
    (["TERM": "xterm", "NO_COLOR": ""], .ansi16),
  ])
  func colorsAreWhatTheEnvironmentAllows(
    environment: [String: String], expected: TerminalStyle.ColorLevel
  ) {
    #expect(Terminal(isInteractive: true, environment: environment).colors == expected)
    #expect(Terminal(isInteractive: false, environment: environment).colors == .none)
  }

  @Test func unicodeIsWhatTheLocaleSays() {
    func isUnicode(_ environment: [String: String]) -> Bool {
      Terminal(isInteractive: false, environment: environment).isUnicode
    }
    #expect(isUnicode(["LANG": "en_GB.UTF-8"]))
    #expect(isUnicode(["LANG": "C", "LC_CTYPE": "C.utf8"]))
    #expect(!isUnicode(["LANG": "en_GB.UTF-8", "LC_ALL": "C"]))
    #expect(isUnicode(["LANG": "en_GB.UTF-8", "LC_ALL": ""]))
    #expect(!isUnicode([:]))
  }

  @Test func aPipeGetsALineEveryTenSeconds() {
    let captured = CapturedConsole()
    let progress = ProgressReporter(
      label: "measuring", total: 1000, unit: "tokens", isQuiet: false,
      console: captured.console())
    progress.update(0)
    for done in 1...25 {
      captured.advance(by: 1)
      progress.update(Double(done) * 20)
    }
    progress.finish()
    #expect(
      captured.errors == """
        alr-analyze: measuring 20 %  20.0 tokens/s  0:40 left
        alr-analyze: measuring 40 %  20.0 tokens/s  0:30 left

        """)
    #expect(captured.output.isEmpty)
  }

  @Test func aTerminalGetsABarThatIsClearedAtTheEnd() {
    let captured = CapturedConsole()
    let terminal = Terminal(isInteractive: true, width: 60)
    let progress = ProgressReporter(
      label: "measuring", total: 4, unit: "chunks", isQuiet: false,
      console: captured.console(errorTerminal: terminal))
    progress.update(0)
    captured.advance(by: 0.05)
    progress.update(1)
    captured.advance(by: 1.95)
    progress.update(1)
    progress.finish()
    let frames = captured.errors.split(separator: "\r", omittingEmptySubsequences: false)
    #expect(frames.count == 5)
    #expect(frames[1].hasPrefix("measuring [......"))
    #expect(frames[1].hasSuffix("]   0 %"))
    #expect(frames[2] == "measuring [###...........]  25 %  0.5 chunks/s  0:06 left")
    // Three columns stay free, so that an echoed ^C does not wrap.
    #expect(frames[2].count == 57)
    #expect(frames[3] == String(repeating: " ", count: 59) && frames[4].isEmpty)
  }

  @Test func aNarrowTerminalIsNeverOverrun() {
    for width in [10, 20, 30, 45] {
      let captured = CapturedConsole()
      let progress = ProgressReporter(
        label: "measuring", total: 1e9, unit: "tokens", isQuiet: false,
        console: captured.console(errorTerminal: Terminal(isInteractive: true, width: width)))
      progress.update(0)
      captured.advance(by: 3)
      progress.update(12345)
      for frame in captured.errors.split(separator: "\r") { #expect(frame.count < width) }
    }
  }

  @Test func quietSaysNothing() {
    let captured = CapturedConsole()
    let progress = ProgressReporter(
      label: "measuring", total: 4, unit: "chunks", isQuiet: true,
      console: captured.console(errorTerminal: Terminal(isInteractive: true)))
    progress.update(1)
    captured.advance(by: 100)
    progress.update(2)
    progress.finish()
    #expect(captured.errors.isEmpty)
  }

  @Test func longTimesAndFastRatesStayReadable() {
    let captured = CapturedConsole()
    let progress = ProgressReporter(
      label: "reading", total: 1e7, unit: "tokens", isQuiet: false, console: captured.console())
    progress.update(0)
    captured.advance(by: 10)
    progress.update(1234.5)
    captured.advance(by: 1e7)
    progress.update(1235)
    #expect(captured.errors.hasPrefix("alr-analyze: reading 0 %  123 tokens/s  22:29:"))
    #expect(captured.errors.hasSuffix("0.0 tokens/s  long left\n"))
  }
}
