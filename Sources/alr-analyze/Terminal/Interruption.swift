import AttentionAnalysis
import Dispatch
import Foundation
import ModelFiles
import Synchronization

/// Whether someone has asked to stop: Ctrl-C, `kill`, or a terminal that was closed.
///
/// Work looks at `isRequested` between pieces and ends with `AnalysisRun.Cancelled`. Where it does
/// not come to that within a second, as when it waits for a pipe, or at a second signal, the
/// process ends all the same; what is half written is taken away first.
final class Interruption: Sendable {
  /// The signals that ask to stop, and how the process then ends.
  private static let exitCodes: [(signal: Int32, code: ExitCode)] = [
    (SIGINT, .interrupted), (SIGTERM, .terminated), (SIGHUP, .hungUp),
  ]
  private static let patience = DispatchTimeInterval.seconds(1)

  /// The first signal that came; 0 before it.
  private let requested = Atomic<Int32>(0)
  private let isEnding = Atomic<Bool>(false)

  var isRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// How a process that was asked to stop ends.
  var exitCode: ExitCode {
    let signal = requested.load(ordering: .relaxed)
    return Self.exitCodes.first { $0.signal == signal }?.code ?? .interrupted
  }

  /// - Returns: whether it is the first request.
  @discardableResult
  func request(_ signal: Int32 = SIGINT) -> Bool {
    requested.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
  }

  /// - Throws: `AnalysisRun.Cancelled` once someone has asked to stop.
  func check() throws(AnalysisRun.Cancelled) {
    if isRequested { throw AnalysisRun.Cancelled() }
  }

  /// Whoever ends the process calls this before saying how; only the first caller comes back.
  func claimEnd() {
    if isEnding.exchange(true, ordering: .acquiringAndReleasing) { while true { sleep(60) } }
  }

  /// Turns signals into requests from now on.
  ///
  /// - Parameter say: tells the user that the work was given up, where the work itself does not.
  /// - Returns: the signal sources; requests come for as long as they live.
  func listen(_ say: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
    let queue = DispatchQueue(label: "signals")
    return Self.exitCodes.compactMap { number, _ in
      // What `nohup` started outlives its terminal.
      if number == SIGHUP, Self.isIgnored(number) { return nil }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [self] in
        guard request(number) else { return end(say) }
        queue.asyncAfter(deadline: .now() + Self.patience) { [self] in end(say) }
      }
      source.resume()
      return source
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    let handler = signal(number, SIG_IGN)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private func end(_ say: () -> Void) {
    UnfinishedFiles.abandon()
    claimEnd()
    say()
    _exit(exitCode.rawValue)
  }
}
