import Inference

/// Queries of the tokens so far, of every layer and head of some sequences, for scores that look at
/// attention: a live cache keeps keys and values alone.
public final class QueryStore: @unchecked Sendable {
  private let observed: ObservedQueries
  private let sequences: Range<Int>
  private let layers: Int
  private let kvHeads: Int
  /// (sequence, layer, KV head); each belongs to one thread at a time.
  private let heads: [ObservedHead]

  /// `nil` where no query is looked at.
  public init?(_ observed: ObservedQueries, spec: ArchitectureSpec, sequences: Range<Int>) {
    if observed == .none { return nil }
    self.observed = observed
    self.sequences = sequences
    layers = spec.layerCount
    kvHeads = spec.kvHeadCount
    heads = (0..<sequences.count * layers * kvHeads).map { _ in ObservedHead() }
  }

  /// What a pass over the tokens at `positions` of every sequence is recorded by.
  public func recorder(of positions: Range<Int>) -> any AttentionRecorder {
    QueryRecorder(
      store: self,
      positions: observed.positions(before: positions.upperBound, from: positions.lowerBound))
  }

  /// The view with the queries of its sequence and head.
  public func attached(to view: KVHeadView) -> KVHeadView {
    let head = head(of: view)
    return view.with(queries: head.rows, at: head.positions)
  }

  /// Makes what is known of one sequence a copy of what another store knows of one of the same
  /// model.
  public func copy(_ other: QueryStore, sequence source: Int, to target: Int) {
    for layer in 0..<layers {
      for kvHead in 0..<kvHeads {
        head(target, layer, kvHead).copy(other.head(source, layer, kvHead))
      }
    }
  }

  fileprivate func take(_ view: KVHeadView) {
    let limit = if case .last(let count) = observed { count } else { Int.max }
    head(of: view).append(view.queries, limit: limit)
  }

  private func head(of view: KVHeadView) -> ObservedHead {
    head(view.sequence, view.layer, view.kvHead)
  }

  private func head(_ sequence: Int, _ layer: Int, _ kvHead: Int) -> ObservedHead {
    heads[((sequence - sequences.lowerBound) * layers + layer) * kvHeads + kvHead]
  }
}

/// Copies queries into a store as a pass computes them.
private struct QueryRecorder: AttentionRecorder {
  let store: QueryStore
  let positions: Range<Int>

  var request: RecordRequest {
    RecordRequest(vectorPositions: Array(positions), parts: .queries)
  }

  func makeWorker() -> any RecorderWorker { Worker(store) }

  private final class Worker: RecorderWorker {
    private let store: QueryStore

    init(_ store: QueryStore) { self.store = store }

    func begin(_ view: KVHeadView) { store.take(view) }
    func take(_ tile: AttentionTile) {}
    func finish() {}
  }
}

/// The most recent queries of the query heads of one KV head, before their rotation.
private final class ObservedHead {
  /// Ascending, the same for every query head.
  private(set) var positions: [Int] = []
  /// For each query head (capacity, size).
  private var vectors: [UnsafeMutablePointer<Float>] = []
  private var capacity = 0
  private var size = 0

  deinit { for pointer in vectors { pointer.deallocate() } }

  /// Where each vector begins, by query head.
  var rows: [[UnsafePointer<Float>]] {
    vectors.map { first in positions.indices.map { UnsafePointer(first + $0 * size) } }
  }

  func append(_ queries: [HeadVectors], limit: Int) {
    guard let first = queries.first, first.count > 0 else { return }
    let dropped = max(0, min(positions.count, positions.count + first.count - limit))
    let kept = positions.count - dropped
    reserve(kept + first.count, size: first.size, heads: queries.count)
    for (head, queries) in zip(vectors, queries) {
      if dropped > 0 { head.update(from: head + dropped * size, count: kept * size) }
      queries.copy(
        to: UnsafeMutableBufferPointer(start: head + kept * size, count: queries.count * size))
    }
    positions.removeFirst(dropped)
    positions += (0..<first.count).map(first.position)
  }

  func copy(_ other: ObservedHead) {
    reserve(other.positions.count, size: other.size, heads: other.vectors.count)
    positions = other.positions
    for (own, others) in zip(vectors, other.vectors) {
      own.update(from: others, count: positions.count * size)
    }
  }

  /// Makes room for so many vectors of every head, keeping those that are there.
  private func reserve(_ count: Int, size: Int, heads: Int) {
    if count <= capacity, heads == vectors.count { return }
    let grown = max(count, 2 * capacity)
    let made = (0..<heads).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: grown * size) }
    for pointer in made { pointer.initialize(repeating: 0, count: grown * size) }
    for (new, old) in zip(made, vectors) {
      new.update(from: old, count: positions.count * self.size)
      old.deallocate()
    }
    vectors = made
    capacity = grown
    self.size = size
  }
}
