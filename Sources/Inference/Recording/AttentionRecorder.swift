/// Takes what it needs of a forward pass as the pass computes it.
public protocol AttentionRecorder: Sendable {
  var request: RecordRequest { get }

  /// A recorder for one worker; the pass asks once for each of its threads, and ends with the
  /// error where there is one.
  func makeWorker() throws -> any RecorderWorker

  /// Ends a layer, of which every KV head has been handed over; called where `residuals` are among
  /// the parts asked for.
  func finish(_ rows: LayerRows)
}

extension AttentionRecorder {
  public func finish(_ rows: LayerRows) {}
}

/// Receives one KV head of one layer and sequence at a time, on one thread.
public protocol RecorderWorker: AnyObject {
  /// Starts a KV head; the view is valid until `finish`.
  func begin(_ view: KVHeadView)

  /// Takes attention rows of the KV head that has begun; tiles come in ascending order of their
  /// queries, and only where attention is asked for.
  func take(_ tile: AttentionTile)

  /// Ends the KV head.
  func finish()
}
