import ModelFiles

extension ForwardPass {
  /// Tokens after which reading a layer's weights is a small part of the work on it.
  private static let usefulTokens = 4096
  /// Chunks at most where weights come from disk: beyond this, reading is long since hidden.
  private static let largestBatch = 256

  /// Chunks that should go through the layers together.
  ///
  /// A model that fits into memory needs few: more would only take more memory. One that does not
  /// is read from disk once a batch, so there the batch is as large as memory allows.
  /// - Parameters:
  ///   - length: tokens of a chunk.
  ///   - recordedRows: rows that a recorder asks for in each chunk.
  ///   - cache: whether every layer's keys stay.
  ///   - memory: bytes that activations may take.
  ///   - physicalMemory: bytes of the machine, of which the mapped weights may take most.
  public func batchSize(
    length: Int, recordedRows: Int, cache: KVCache.Mode = .transient, memory: Int,
    physicalMemory: Int
  ) -> Int {
    let perChunk = self.memory(
      length: length, recordedRows: recordedRows, cache: cache
    ).perChunk
    let fitting = memory / max(1, perChunk)
    let streams = model.streams(memory: memory, physicalMemory: physicalMemory)
    let useful = streams ? Self.largestBatch : (Self.usefulTokens + length - 1) / length
    return max(1, min(fitting, useful))
  }
}

extension Model {
  /// Whether the weights do not fit beside `memory` bytes and are read from disk once a batch.
  public func streams(memory: Int, physicalMemory: Int) -> Bool {
    weightBytes > physicalMemory / 4 * 3 - memory
  }
}
