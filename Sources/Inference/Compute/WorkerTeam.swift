import CKernels
import Dispatch
import Foundation
import Synchronization

/// Threads that help a caller with the pieces of its loops, and stay awake for a moment after each.
///
/// One token takes hundreds of loops of some ten microseconds: waking a thread for each would take
/// longer than the work. A thread that finds nothing to do for some time sleeps until it is called.
/// This is the one place where pointers cross threads.
final class WorkerTeam: Sendable {
  private let board = Board()
  private let members: [Member]
  /// Whether a loop is running.
  private let isBusy = Atomic<Bool>(false)

  /// - Parameter count: threads beside the caller's.
  init(count: Int) {
    let board = board
    members = (1...count).map { Member(worker: $0, board: board) }
    for member in members {
      let thread = Thread { member.live() }
      thread.name = "worker"
      thread.start()
    }
  }

  deinit {
    for member in members { member.dismiss() }
  }

  /// Runs a loop with as many members as it has pieces for; the caller is worker 0.
  ///
  /// - Returns: `false` where another loop is running, and this one was not begun.
  func run(_ pieces: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) -> Bool {
    guard !isBusy.exchange(true, ordering: .acquiring) else { return false }
    let called = members.prefix(pieces - 1)
    withoutActuallyEscaping(body) { body in
      board.begin(pieces, body)
      for member in called { member.call() }
      board.work(as: 0)
      for member in called { member.finish() }
      board.end()
    }
    isBusy.store(false, ordering: .releasing)
    return true
  }
}

/// The loop that is running.
///
/// The caller writes it while no member works; members read it while they do.
private final class Board: Sendable {
  private let taken = Atomic<Int>(0)
  nonisolated(unsafe) private var pieces = 0
  nonisolated(unsafe) private var body: ((_ piece: Int, _ worker: Int) -> Void)?

  func begin(_ pieces: Int, _ body: @escaping (_ piece: Int, _ worker: Int) -> Void) {
    taken.store(0, ordering: .relaxed)
    self.pieces = pieces
    self.body = body
  }

  func end() { body = nil }

  /// Takes pieces until none is left.
  func work(as worker: Int) {
    guard let body else { return }
    let pieces = pieces
    while true {
      let piece = taken.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      body(piece, worker)
    }
  }
}

/// A thread of a team, and what its caller and it tell each other.
private final class Member: Sendable {
  private enum State: UInt8, AtomicRepresentable {
    /// Awake, with nothing to do.
    case waiting
    /// To be woken before it can do anything.
    case asleep
    /// Wanted by the caller, who can still change its mind.
    case called
    case working
    /// Working, and to wake the caller when done.
    case awaited
    /// To end its thread.
    case dismissed
  }

  private let worker: Int
  private let board: Board
  private let state = Atomic<State>(.waiting)
  private let bell = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  init(worker: Int, board: Board) {
    self.worker = worker
    self.board = board
  }

  // MARK: On the caller's thread

  func call() {
    if state.exchange(.called, ordering: .acquiringAndReleasing) == .asleep { bell.signal() }
  }

  func dismiss() {
    if state.exchange(.dismissed, ordering: .acquiringAndReleasing) == .asleep { bell.signal() }
  }

  /// Waits until the member has done its last piece; one that has not begun is called off, so that
  /// nobody waits for a thread that gets no processor.
  func finish() {
    let (calledOff, _) = state.compareExchange(
      expected: .called, desired: .waiting, ordering: .acquiringAndReleasing)
    guard !calledOff else { return }
    var patience = Patience()
    while state.load(ordering: .acquiring) == .working {
      if patience.wait() { continue }
      let (awaits, _) = state.compareExchange(
        expected: .working, desired: .awaited, ordering: .acquiringAndReleasing)
      if awaits { done.wait() }
    }
  }

  // MARK: On its own thread

  /// Works when called, until dismissed.
  func live() {
    var patience = Patience()
    while true {
      switch state.load(ordering: .acquiring) {
      case .called:
        let (begun, _) = state.compareExchange(
          expected: .called, desired: .working, ordering: .acquiringAndReleasing)
        guard begun else { continue }
        board.work(as: worker)
        if state.exchange(.waiting, ordering: .acquiringAndReleasing) == .awaited { done.signal() }
        patience = Patience()
      case .dismissed:
        return
      case .waiting, .asleep, .working, .awaited:
        if patience.wait() { continue }
        let (fellAsleep, _) = state.compareExchange(
          expected: .waiting, desired: .asleep, ordering: .acquiringAndReleasing)
        if fellAsleep { bell.wait() }
        patience = Patience()
      }
    }
  }
}

/// Waits for another thread to do something soon: at first without leaving the processor, then by
/// leaving it to whoever wants it.
private struct Patience {
  /// Looks of some tens of nanoseconds.
  private static let looks = 500
  /// Looks in all; those that leave the processor take about half a microsecond.
  private static let limit = 700
  private var done = 0

  /// - Returns: `false` once it has waited for long.
  mutating func wait() -> Bool {
    if done < Self.looks { alr_pause() } else { sched_yield() }
    guard done < Self.limit else { return false }
    done += 1
    return true
  }
}
