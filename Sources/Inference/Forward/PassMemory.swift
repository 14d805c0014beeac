import CKernels

/// Bytes that a pass holds beside the mapped weights, by what holds them.
///
/// The stages say what they allocate, next to where they do; this only adds it up, for the choice
/// of the batch and for whoever wants to know beforehand.
public struct PassMemory: Sendable, Equatable {
  /// Rows of one chunk: the residual stream, its norms, projections, feed-forward and experts.
  public let activationsPerChunk: Int
  /// Packed keys and values, and key norms, of one chunk.
  public let attentionPerChunk: Int
  /// Packed panels of weights.
  public let panels: Int
  /// The threads' working memory, and the angles of rotations.
  public let scratch: Int

  /// Bytes that each chunk of a batch adds.
  public var perChunk: Int { activationsPerChunk + attentionPerChunk }

  /// Everything, for a batch of `chunks`.
  public func bytes(chunks: Int) -> Int { chunks * perChunk + panels + scratch }
}

extension ForwardPass {
  /// The memory that a pass over chunks of `length` tokens holds, logits aside.
  ///
  /// - Parameters:
  ///   - recordedRows: rows that a recorder asks for in each chunk.
  ///   - cache: whether every layer's keys stay.
  public func memory(
    length: Int, recordedRows: Int, cache: KVCache.Mode = .transient
  ) -> PassMemory {
    let spec = model.spec
    let number = kernels.number(for: precision)
    let packer = PanelPacker(checkpoint: model.checkpoint, kernels: kernels, number: number)
    let rows = Activations.bytesPerChunk(
      spec: spec, kernels: kernels, number: number, length: length, lastRows: recordedRows)
    let experts = ExpertStage.bytesPerRow(spec: spec, kernels: kernels, number: number) * length
    let perWorker =
      Activations.bytesPerWorker(spec: spec, kernels: kernels)
      + AttentionStage.bytesPerWorker(
        spec: spec, kernels: kernels, length: length, recordedRows: recordedRows)
      + ProductStage.bytesPerWorker(packer)
    return PassMemory(
      activationsPerChunk: rows + experts,
      attentionPerChunk: KVCache.byteCount(
        spec: spec, kernels: kernels, number: number, length: length, mode: cache),
      panels: model.layers.reduce(0) { max($0, ProductStage.packedBytes($1.matrices, packer)) },
      scratch: pool.count * perWorker + RotaryTables.byteCount(spec, length: length))
  }
}
