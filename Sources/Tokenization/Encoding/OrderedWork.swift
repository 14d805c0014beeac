import Dispatch
import ModelFiles
import Synchronization

/// Runs independent pieces of work on several threads and keeps their outcomes in order.
enum OrderedWork {
  private final class Shared<Outcome: Sendable>: Sendable {
    let next = Atomic(0)
    let outcomes: Mutex<[Outcome?]>

    init(count: Int) { outcomes = Mutex(Array(repeating: nil, count: count)) }
  }

  /// `body` of 0 ..< `count`, in that order whatever thread did it.
  static func map<Outcome: Sendable>(
    count: Int, threads: Int, _ body: @Sendable (Int) -> Outcome
  ) -> [Outcome] {
    guard count > 1, threads > 1 else { return (0..<count).map(body) }
    let shared = Shared<Outcome>(count: count)
    DispatchQueue.concurrentPerform(iterations: min(count, threads)) { _ in
      while true {
        let index = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let outcome = body(index)
        shared.outcomes.withLock { $0[index] = outcome }
      }
    }
    return shared.outcomes.withLock { $0.compactMap(\.self) }
  }
}
