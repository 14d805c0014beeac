import AttentionAnalysis
import Compression
import Foundation
import Inference
import Results

/// What `--memory` allows the chunks that are worked on together, and so how many they are:
/// `analyze` runs by it and `inspect` foretells by it.
struct BatchMemory {
  /// Bytes of the machine.
  private let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  /// Bytes that the chunks may take.
  let limit: Int

  /// - Parameter given: `nil` for a quarter of the machine's.
  init(given: Int?) { limit = given ?? physical / 4 }

  /// Chunks that go through the layers together.
  func chunks(of pass: ForwardPass, query: QuerySelection, chunkLength: Int) -> Int {
    pass.batchSize(
      length: chunkLength + 1, recordedRows: query.recordedRows(n: chunkLength).count,
      cache: query.cacheMode, memory: limit, physicalMemory: physical)
  }

  /// Texts of `length` tokens that go through the layers together while their keys stay.
  func chunks(of pass: ForwardPass, kept length: Int) -> Int {
    max(1, limit / max(1, pass.memory(length: length, recordedRows: 0, cache: .kept).perChunk))
  }

  /// Sequences that go through the layers together while caches are compressed by many rules.
  func sequences(of pass: ForwardPass, _ run: OneShotRun) -> Int {
    run.batchSize(for: pass, memory: limit, physicalMemory: physical)
  }

  /// Whether the weights are read from disk again for every such batch.
  func streams(_ model: Model) -> Bool {
    model.streams(memory: limit, physicalMemory: physical)
  }
}
