import Foundation
import Reporting

/// The abilities of the terminal, file or pipe behind a stream.
struct Terminal: Sendable, Equatable {
  /// False for files and pipes.
  var isInteractive: Bool
  /// Columns; 80 where nobody says.
  var width: Int
  var colors: TerminalStyle.ColorLevel
  /// Whether it shows more than ASCII.
  var isUnicode: Bool

  init(isInteractive: Bool, width: Int = 80, environment: [String: String] = [:]) {
    self.isInteractive = isInteractive
    self.width = width
    colors = isInteractive ? Self.colors(environment) : .none
    isUnicode = Self.isUnicode(environment)
  }

  /// The characters and colours that tables and heatmaps may use.
  var style: TerminalStyle { TerminalStyle(width: width, color: colors, unicode: isUnicode) }

  /// The terminal behind a file descriptor.
  init(descriptor: Int32, environment: [String: String]) {
    self.init(
      isInteractive: isatty(descriptor) == 1, width: Self.columns(descriptor) ?? 80,
      environment: environment)
  }

  /// `NO_COLOR` with any value, `TERM=dumb` and a missing `TERM` mean none.
  private static func colors(_ environment: [String: String]) -> TerminalStyle.ColorLevel {
    let term = environment["TERM"] ?? ""
    if !(environment["NO_COLOR"] ?? "").isEmpty || term.isEmpty || term == "dumb" { return .none }
    let colorTerm = environment["COLORTERM"] ?? ""
    if colorTerm == "truecolor" || colorTerm == "24bit" { return .truecolor }
    return term.contains("256color") ? .ansi256 : .ansi16
  }

  /// Whether the locale, as the C library would choose it, is UTF-8.
  private static func isUnicode(_ environment: [String: String]) -> Bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = names.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let encoding = locale.uppercased()
    return encoding.contains("UTF-8") || encoding.contains("UTF8")
  }

  private static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
