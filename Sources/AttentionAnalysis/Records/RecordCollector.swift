import Inference
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
    /// Records of a layer that wait for what their errors are relative to.
    var waiting: [(records: [KVHeadRecord], errors: [OutputErrors.Row])] = []
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
      let records = try measurer.finish()
      if let errors = measurer.errorRows {
        state.withLock { $0.waiting.append((records, errors)) }
      } else {
        add(records)
      }
    } catch {
      state.withLock { $0.error = $0.error ?? error }
    }
  }

  /// Adds the records of a layer whose output errors have been measured.
  func complete(_ rows: LayerRows) {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    let bySequence = Dictionary(grouping: rows.rows, by: \.sequence).mapValues { rows in
      Dictionary(rows.map { ($0.position, $0) }, uniquingKeysWith: { first, _ in first })
    }
    for (records, errors) in waiting {
      let stream = bySequence[records.first?.chunk ?? 0] ?? [:]
      let error = OutputErrors.Row.mean(errors) { stream[$0] }
      add(
        records.map { record in
          var record = record
          record.outputError = error
          return record
        })
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
