import Foundation

/// How many colours a terminal shows.
enum ColorLevel: Int, Sendable, Comparable {
  case none = 0
  case ansi16
  case ansi256
  case trueColor

  static func < (a: ColorLevel, b: ColorLevel) -> Bool { a.rawValue < b.rawValue }
}

/// What a stream's far end can do.
struct Terminal: Sendable, Equatable {
  /// False for files and pipes.
  var isInteractive: Bool
  /// Columns; 80 where nobody says.
  var width: Int
  var colors: ColorLevel

  init(isInteractive: Bool, width: Int = 80, environment: [String: String] = [:]) {
    self.isInteractive = isInteractive
    self.width = width
    colors = isInteractive ? Self.colors(environment) : .none
  }

  /// The terminal behind a file descriptor.
  init(descriptor: Int32, environment: [String: String]) {
    self.init(
      isInteractive: isatty(descriptor) == 1, width: Self.columns(descriptor) ?? 80,
      environment: environment)
  }

  /// `NO_COLOR` with any value, `TERM=dumb` and a missing `TERM` mean none.
  private static func colors(_ environment: [String: String]) -> ColorLevel {
    let term = environment["TERM"] ?? ""
    if !(environment["NO_COLOR"] ?? "").isEmpty || term.isEmpty || term == "dumb" { return .none }
    let colorTerm = environment["COLORTERM"] ?? ""
    if colorTerm == "truecolor" || colorTerm == "24bit" { return .trueColor }
    return term.contains("256color") ? .ansi256 : .ansi16
  }

  private static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
