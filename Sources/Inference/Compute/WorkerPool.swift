/// Runs the independent pieces of a loop on several threads.
///
/// Pieces are handed out one after another to whoever is free, so which worker computes a piece
/// changes from run to run and no result may depend on it. Its callers write disjoint memory.
public struct WorkerPool: Sendable {
  /// Workers, and so scratch areas, at most.
  public let count: Int
  /// The workers beside the caller.
  private let team: WorkerTeam?

  /// - Parameter count: threads; at least 1.
  public init(count: Int) {
    precondition(count >= 1, "at least one thread")
    self.count = count
    team = count > 1 ? WorkerTeam(count: count - 1) : nil
  }

  /// Calls `body(piece, worker)` for every piece below `pieces`, `worker` below `count`, and
  /// returns when all are done.
  ///
  /// A loop within a loop, or beside one of another thread, runs on its caller alone, as worker 0:
  /// only loops that do not nest may go by `worker`.
  package func run(_ pieces: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) {
    if pieces > 1, let team, team.run(pieces, body) { return }
    for piece in 0..<pieces { body(piece, 0) }
  }
}
