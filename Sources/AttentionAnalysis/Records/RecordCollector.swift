import Synchronization

/// Takes the records of a forward pass from any thread, and says when to stop.
///
/// The first error is kept and asks the pass to stop, so that a recorder deep in a parallel loop
/// need not throw.
public final class RecordCollector: Sendable {
  private struct State {
    var accumulator: RunAccumulator
    var records = 0
    var error: MeasurementError?
  }

  private let state: Mutex<State>
  private let progress: @Sendable (_ records: Int) -> Void
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - progress: called after every record with the number so far; one call at a time.
  ///   - isCancelled: whether the user has asked to stop.
  public init(
    shape: RunShape, progress: @escaping @Sendable (_ records: Int) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    state = Mutex(State(accumulator: RunAccumulator(shape: shape)))
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Whether the pass should end: an error is kept, or the user has asked to stop.
  public var shouldStop: Bool { isCancelled() || state.withLock { $0.error != nil } }

  /// Ends the measurer's record and adds it.
  public func collect(from measurer: HeadMeasurer) {
    do throws(MeasurementError) {
      add(try measurer.finish())
    } catch {
      state.withLock { $0.error = $0.error ?? error }
    }
  }

  /// Adds a record.
  public func add(_ record: KVHeadRecord) {
    state.withLock { state in
      do throws(MeasurementError) {
        try state.accumulator.add(record)
        state.records += 1
        progress(state.records)
      } catch {
        state.error = state.error ?? error
      }
    }
  }

  /// Everything collected.
  ///
  /// - Throws: the first error.
  public func finish() throws(MeasurementError) -> RunAccumulator {
    let outcome = state.withLock { ($0.error, $0.accumulator) }
    if let error = outcome.0 { throw error }
    return outcome.1
  }
}
