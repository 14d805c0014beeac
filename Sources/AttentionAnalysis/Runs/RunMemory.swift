import Inference
import Results

/// Bytes that a run holds beside the mapped weights, by what holds them.
///
/// Each part is told by what allocates it. What the program itself, the tokenizer and a text on its
/// way to chunks take comes on top.
public struct RunMemory: Sendable, Equatable {
  /// Chunks that go through the layers together.
  public let batch: Int
  public let pass: PassMemory
  /// Sums over chunks, and the values of each chunk.
  public let sums: Int
  /// The memory in which threads measure rows.
  public let measuring: Int
  /// The result's arrays, which are made of the sums.
  public let arrays: Int

  /// While chunks go through the layers.
  public var whileMeasuring: Int { pass.bytes(chunks: batch) + sums + measuring }

  /// When results are written: sums and arrays, not the pass any more.
  public var whileWriting: Int { sums + arrays }

  /// - Parameters:
  ///   - chunks: of the whole run.
  ///   - batch: of them, those that go through the layers together.
  public init(
    of pass: ForwardPass, query: QuerySelection, chunkLength: Int, chunks: Int, batch: Int,
    hasOutputError: Bool = false
  ) {
    let shape = RunShape(
      pass.model.spec, chunkLength: chunkLength, hasOutputError: hasOutputError)
    self.batch = batch
    self.pass = pass.memory(
      length: chunkLength + 1, recordedRows: query.recordedRows(n: chunkLength).count,
      cache: query.cacheMode)
    sums = RunAccumulator.byteCount(shape, chunks: chunks)
    let size = shape.groupSize * pass.model.spec.headDim
    let errors =
      hasOutputError
      ? OutputErrors.byteCount(
        chunkLength: chunkLength, groupSize: shape.groupSize, size: size) : 0
    let grams = hasOutputError ? shape.kvHeads * size * size * MemoryLayout<Float>.stride : 0
    measuring = pass.pool.count * (HeadMeasurer.byteCount(shape, scores: 1) + errors) + grams
    arrays = sums
  }
}
