import Foundation
import Synchronization

/// Folders of files that are being written and not in their place yet.
///
/// Whoever ends the process in the middle calls `abandon()` first, so that an interrupted run
/// leaves nothing behind.
public enum UnfinishedFiles {
  private struct State {
    var folders: Set<String> = []
    var isAbandoned = false
    var hasWritten = false
  }

  private static let state = Mutex(State())

  /// Whether this process has put anything in its place.
  public static var hasWritten: Bool { state.withLock { $0.hasWritten } }

  /// Takes all of them away; after that nothing is written any more: the process has to end.
  public static func abandon() {
    state.withLock { state in
      state.isAbandoned = true
      for folder in state.folders { FileTree.remove(FilePath(folder)) }
      state.folders = []
    }
  }

  /// One step of writing in `folder`, which `abandon` does not cut in two.
  public static func step<Result: Sendable>(
    _ folder: FilePath, _ body: () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let outcome: Swift.Result<Result, SystemError>? = state.withLock { state in
      if state.isAbandoned { return nil }
      state.folders.insert(folder.description)
      return Swift.Result { () throws(SystemError) in try body() }
    }
    guard let outcome else { while true { sleep(60) } }
    return try outcome.get()
  }

  /// Takes `folder` away; what it held is in its place if `hasWritten`.
  public static func finish(_ folder: FilePath, hasWritten: Bool) {
    state.withLock { state in
      FileTree.remove(folder)
      state.folders.remove(folder.description)
      if hasWritten { state.hasWritten = true }
    }
  }
}
