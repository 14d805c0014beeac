import AttentionAnalysis
import Dispatch
import Foundation
import Synchronization

/// Whether the user has asked to stop.
///
/// Work looks at `isRequested` between pieces and ends with `AnalysisRun.Cancelled`. A
/// second Ctrl-C ends
/// the process at once; since results are written last and by renaming, nothing is left behind.
final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)

  var isRequested: Bool { requested.load(ordering: .relaxed) }

  func request() { requested.store(true, ordering: .relaxed) }

  /// - Throws: `AnalysisRun.Cancelled` once the user has asked to stop.
  func check() throws(AnalysisRun.Cancelled) {
    if isRequested { throw AnalysisRun.Cancelled() }
  }

  /// Turns Ctrl-C into a request from now on.
  ///
  /// - Returns: the signal source; requests come for as long as it lives.
  func listen() -> any DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [self] in
      if isRequested { _exit(ExitCode.interrupted.rawValue) }
      request()
    }
    source.resume()
    return source
  }
}
