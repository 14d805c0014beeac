import Dispatch
import Synchronization

/// Runs the independent pieces of a loop on several threads.
///
/// Pieces are handed out one after another to whoever is free, so which worker computes a piece
/// changes from run to run and no result may depend on it. This is the one place where pointers
/// cross threads; its callers write disjoint memory.
public struct WorkerPool: Sendable {
  /// Workers, and so scratch areas, at most.
  public let count: Int

  /// - Parameter count: threads; at least 1.
  public init(count: Int) {
    precondition(count >= 1, "at least one thread")
    self.count = count
  }

  /// Calls `body(piece, worker)` for every piece below `pieces`, `worker` below `count`, and
  /// returns when all are done.
  package func run(_ pieces: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) {
    let workers = min(count, pieces)
    if workers <= 1 {
      for piece in 0..<pieces { body(piece, 0) }
      return
    }
    let ticket = Ticket()
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        while let piece = ticket.next(below: pieces) { body(piece, worker) }
      }
    }
  }

  private final class Ticket: Sendable {
    private let taken = Atomic<Int>(0)

    func next(below limit: Int) -> Int? {
      let piece = taken.wrappingAdd(1, ordering: .relaxed).oldValue
      return piece < limit ? piece : nil
    }
  }
}
