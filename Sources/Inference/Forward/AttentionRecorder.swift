/// Takes what it needs of a forward pass as the pass computes it.
///
/// The pass computes nothing that nobody asked for: of the last layer only what is recorded.
public protocol AttentionRecorder: Sendable {
  /// Query positions whose attention rows are wanted, ascending; the same for every chunk.
  var queryPositions: [Int] { get }

  /// Whether values are wanted too, even of a last layer whose output nobody needs.
  var takesValues: Bool { get }

  /// A recorder for one worker; the pass asks once for each of its threads, and ends with the
  /// error where there is one.
  func makeKVHeadRecorder() throws -> any KVHeadRecorder
}

extension AttentionRecorder {
  public var takesValues: Bool { false }
}

/// Receives one KV head of one layer and chunk at a time, on one thread.
public protocol KVHeadRecorder: AnyObject {
  /// Whether rows end with the score of the query's own position.
  var takesOwnPosition: Bool { get }

  /// Starts a KV head.
  ///
  /// - Parameters:
  ///   - chunk: index of the chunk in the whole run.
  ///   - keyNorms: one norm a position of the chunk, before the rotation, valid during the call.
  ///   - window: the layer's sliding window, the query included; `nil` where attention is global.
  func begin(
    chunk: Int, layer: Int, kvHead: Int, keyNorms: UnsafeBufferPointer<Double>, window: Int?)

  /// Offers the attention row of one query.
  ///
  /// For each head the rows come in ascending order; of one row the heads come in ascending order.
  /// - Parameters:
  ///   - head: index among the query heads of this KV head.
  ///   - position: the query's position, which is the number of positions before it.
  ///   - attention: post-softmax scores of the positions before the query that it sees, the last
  ///     one at `position - 1`, or at `position` where the query's own is taken too; valid during
  ///     the call.
  func add(head: Int, position: Int, attention: UnsafeBufferPointer<Float>)

  /// Ends the KV head.
  func finish()
}

extension KVHeadRecorder {
  public var takesOwnPosition: Bool { false }
}
