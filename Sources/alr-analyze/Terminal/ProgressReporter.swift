import Synchronization

/// Says on standard error how far the work is: a bar on a terminal, a line every ten seconds
/// elsewhere, nothing where quiet.
///
/// Any thread may report.
final class ProgressReporter: Sendable {
  private struct State {
    var started: Double?
    var lastShown = -Double.infinity
    var barWidth = 0
  }

  private static let barInterval = 0.1
  private static let lineInterval = 10.0

  private let console: Console
  private let label: String
  private let unit: String
  private let total: Double
  private let isQuiet: Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - label: what is being done, for example `measuring`.
  ///   - total: the work in all, in units.
  ///   - unit: what the rate counts, for example `tokens`.
  init(label: String, total: Double, unit: String, isQuiet: Bool, console: Console) {
    self.label = label
    self.total = max(total, .leastNonzeroMagnitude)
    self.unit = unit
    self.isQuiet = isQuiet
    self.console = console
  }

  /// Reports that `done` units are behind.
  func update(_ done: Double) {
    if isQuiet { return }
    let isBar = console.errorTerminal.isInteractive
    let now = console.now()
    state.withLock { state in
      let started = state.started ?? now
      if state.started == nil {
        state.started = now
        // The first line elsewhere comes after a whole interval.
        if !isBar { state.lastShown = now }
      }
      guard now - state.lastShown >= (isBar ? Self.barInterval : Self.lineInterval) else { return }
      state.lastShown = now
      let text = text(done: done, elapsed: now - started, isBar: isBar)
      if isBar {
        let padding = String(repeating: " ", count: max(0, state.barWidth - text.count))
        console.writeError("\r" + text + padding)
        state.barWidth = text.count
      } else {
        console.writeError("\(toolName): \(text)\n")
      }
    }
  }

  /// Clears the bar, so that what follows begins on a clean line.
  func finish() {
    state.withLock { state in
      if state.barWidth > 0 {
        // An echoed `^C` stands behind it.
        let count = min(state.barWidth + 2, max(0, console.errorTerminal.width - 1))
        console.writeError("\r" + String(repeating: " ", count: count) + "\r")
        state.barWidth = 0
      }
    }
  }

  private func text(done: Double, elapsed: Double, isBar: Bool) -> String {
    let fraction = min(1, max(0, done / total))
    let percent = String(Int(fraction * 100))
    // A bar keeps its place while the number grows.
    let padding = isBar ? String(repeating: " ", count: max(0, 3 - percent.count)) : ""
    var facts = ["\(padding)\(percent) %"]
    if elapsed > 0, done > 0 {
      let rate = done / elapsed
      facts.append("\(Self.rate(rate)) \(unit)/s")
      facts.append("\(Self.time((total - done) / rate)) left")
    }
    let suffix = facts.joined(separator: "  ")
    if !isBar { return "\(label) \(suffix)" }
    // The last column stays empty, or some terminals would wrap, and so do two for the `^C` that
    // a terminal writes there: wrapped, it would take the cursor away from the bar.
    let room = console.errorTerminal.width - label.count - suffix.count - 7
    let cells = min(40, room)
    guard cells >= 5 else {
      return String("\(label) \(suffix)".prefix(console.errorTerminal.width - 1))
    }
    let filled = Int(fraction * Double(cells))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled)
    return "\(label) [\(bar)] \(suffix)"
  }

  private static func rate(_ rate: Double) -> String {
    if rate >= 100 || !rate.isFinite { return rate < 1e15 ? String(Int(rate)) : "many" }
    return String((rate * 10).rounded() / 10)
  }

  private static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e8 else { return "long" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let whole = Int(max(0, seconds).rounded(.up))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }
}
