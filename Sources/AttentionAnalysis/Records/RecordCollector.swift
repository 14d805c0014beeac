import Results
import Synchronization

/// Takes the records of a forward pass from any thread, and says when to stop.
///
/// The first error is kept and asks the pass to stop, so that a recorder deep in a parallel loop
/// need not throw.
public final class RecordCollector: Sendable {
  private struct State {
    /// One for each score.
    var accumulators: [RunAccumulator]
    var records = 0
    var error: MeasurementError?
  }

  private let state: Mutex<State>
  private let progress: @Sendable (_ records: Int) -> Void
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - scores: how many scores there is a record for of every KV head.
  ///   - progress: called after every KV head with the number so far; one call at a time.
  ///   - isCancelled: whether the user has asked to stop.
  public init(
    shape: RunShape, scores: Int = 1,
    progress: @escaping @Sendable (_ records: Int) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    state = Mutex(
      State(accumulators: Array(repeating: RunAccumulator(shape: shape), count: scores)))
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Whether the pass should end: an error is kept, or the user has asked to stop.
  public var shouldStop: Bool { isCancelled() || state.withLock { $0.error != nil } }

  /// Ends the measurer's records and adds them.
  public func collect(from measurer: HeadMeasurer) {
    do throws(MeasurementError) {
      add(try measurer.finish())
    } catch {
      state.withLock { $0.error = $0.error ?? error }
    }
  }

  /// Adds the records of one KV head, one for each score.
  public func add(_ records: [KVHeadRecord]) {
    state.withLock { state in
      precondition(records.count == state.accumulators.count, "a record for each score")
      do throws(MeasurementError) {
        for (score, record) in records.enumerated() {
          try state.accumulators[score].add(record)
        }
        state.records += 1
        progress(state.records)
      } catch {
        state.error = state.error ?? error
      }
    }
  }

  /// Everything collected, one for each score.
  ///
  /// - Throws: the first error.
  public func finish() throws(MeasurementError) -> [RunAccumulator] {
    let outcome = state.withLock { ($0.error, $0.accumulators) }
    if let error = outcome.0 { throw error }
    return outcome.1
  }
}
