import AttentionAnalysis
import Inference
import ModelFiles
import Results

/// A small seeded model stand-in: key norms and attention rows without a forward pass.
public struct SyntheticRun: Sendable {
  public init(shape: RunShape, query: QuerySelection = .next) {
    (self.shape, self.query) = (shape, query)
  }

  public var shape: RunShape
  public var query: QuerySelection
  /// What `measurer` sorts with.
  public var kernels = Kernels()

  public static let small = SyntheticRun(
    shape: RunShape(
      layers: [.init(), .init(window: 9, kvSource: nil), .init(kvSource: 0)], heads: 4, kvHeads: 2,
      chunkLength: 40))

  /// Row `t` of one head: `t` candidates, or as many as the window leaves.
  public func attention(chunk: Int, layer: Int, head: Int, row: Int) -> [Float] {
    var generator = SplitMix64(seed: UInt64(((chunk * 64 + layer) * 64 + head) * 4096 + row))
    let count = RunShape.candidates(positions: row, window: shape.layers[layer].window)
    return generator.attention(count: count, distinct: 50)
  }

  public func keyNorms(chunk: Int, layer: Int, kvHead: Int) -> [Double] {
    var generator = SplitMix64(seed: UInt64((chunk * 64 + layer) * 64 + kvHead) + 1 << 40)
    return generator.keyNorms(count: shape.chunkLength, distinct: 30)
  }

  public func record(chunk: Int, layer: Int, kvHead: Int, by measurer: HeadMeasurer) throws
    -> KVHeadRecord
  {
    try records(chunk: chunk, layer: layer, kvHead: kvHead, by: measurer)[0]
  }

  /// One for each score of the measurer.
  public func records(chunk: Int, layer: Int, kvHead: Int, by measurer: HeadMeasurer) throws
    -> [KVHeadRecord]
  {
    let norms = keyNorms(chunk: chunk, layer: layer, kvHead: kvHead)
    return try KVHeadView.withNorms(
      norms, chunk: chunk, layer: layer, kvHead: kvHead, window: shape.layers[layer].window
    ) { view in
      measurer.begin(view)
      for row in query.recordedRows(n: shape.chunkLength) {
        measurer.add(
          row: row,
          (0..<shape.groupSize).map {
            attention(chunk: chunk, layer: layer, head: kvHead * shape.groupSize + $0, row: row)
          })
      }
      return try measurer.finish()
    }
  }

  public func measurer(_ scores: [any EvictionScore] = [KeyNorm()]) throws -> HeadMeasurer {
    try HeadMeasurer(
      query: query, chunkLength: shape.chunkLength, groupSize: shape.groupSize, scores: scores,
      kernels: kernels)
  }

  public func chunk(_ index: Int) throws -> ChunkRecord {
    let measurer = try measurer()
    var records: [KVHeadRecord] = []
    for layer in shape.layers.indices {
      for kvHead in 0..<shape.kvHeads {
        records.append(try record(chunk: index, layer: layer, kvHead: kvHead, by: measurer))
      }
    }
    return ChunkRecord(chunk: index, kvHeads: records)
  }

  public func accumulate(_ chunks: some Sequence<Int>) throws -> RunAccumulator {
    var accumulator = RunAccumulator(shape: shape)
    for index in chunks { try accumulator.add(chunk(index)) }
    return accumulator
  }

  public func result(_ accumulator: RunAccumulator) throws -> AnalysisResult {
    try accumulator.result(
      tool: "alr-analyze 0.1.0",
      model: ModelSummary(
        name: "synthetic", architecture: "llama", layers: shape.layers.count, heads: shape.heads,
        kvHeads: shape.kvHeads, headDim: 8, parameters: 1234,
        fingerprint: String(repeating: "ab", count: 32)),
      corpus: CorpusSummary(
        name: "text.txt", tokens: accumulator.chunkCount * (shape.chunkLength + 1),
        chunks: accumulator.chunkCount, chunkLength: shape.chunkLength, bos: false,
        fingerprint: String(repeating: "cd", count: 32)),
      protocolSummary: ProtocolSummary(
        query: query.description, score: "key-norm", precision: "f32", isa: "scalar"))
  }
}

extension HeadMeasurer {
  /// Adds the rows of all heads of the group.
  public func add(row: Int, _ attention: [[Float]]) {
    let all = attention.flatMap { $0 }
    all.withUnsafeBufferPointer { all in
      add(row: row) { head in
        let count = attention[head].count
        return UnsafeBufferPointer(rebasing: all[head * count..<(head + 1) * count])
      }
    }
  }
}

extension KVHeadView {
  /// A view of positions from 0 on that have nothing but norms.
  public static func withNorms<Result>(
    _ norms: [Double], chunk: Int = 0, layer: Int = 0, kvHead: Int = 0, window: Int? = nil,
    _ body: (KVHeadView) throws -> Result
  ) rethrows -> Result {
    try Array(0..<UInt32(norms.count)).withUnsafeBufferPointer { positions in
      try norms.withUnsafeBufferPointer {
        try body(
          KVHeadView(
            sequence: chunk, layer: layer, kvHead: kvHead, window: window, positions: positions,
            keyNorms: $0))
      }
    }
  }
}

extension ResultArrays {
  /// Every value's bits, so that NaN equals NaN and nothing else does.
  public var bits: [[UInt64]] {
    ResultArray.allCases.map { self[$0].values.map(\.bitPattern) }
  }
}

/// Whether two results are equal to the last bit, NaN included.
public func isIdentical(_ a: AnalysisResult, _ b: AnalysisResult) -> Bool {
  a.model == b.model && a.corpus == b.corpus && a.protocolSummary == b.protocolSummary
    && a.tool == b.tool && a.heads == b.heads && a.kvHeads == b.kvHeads && a.layers == b.layers
    && a.recommendation == b.recommendation && a.arrays.bits == b.arrays.bits
}
