import Testing

@testable import AttentionAnalysis

/// What is told of the memory of a run is what its parts allocate.
@Suite struct RunMemoryTests {
  @Test func sumsAreCountedAsTheyAreKept() throws {
    let run = SyntheticRun.small
    let accumulator = try run.accumulate(0..<3)
    let sums =
      [
        accumulator.attentionLoss, accumulator.referenceLoss, accumulator.kvAttentionLoss,
        accumulator.kvReferenceLoss, accumulator.keyNorms, accumulator.attention,
      ].reduce(0) { $0 + $1.count } * 8
    let values = accumulator.chunks.values.reduce(0) {
      $0 + ($1.heads.count + $1.kvHeads.count) * MemoryLayout<RunAccumulator.HeadValues>.stride
        + $1.present.count
    }
    #expect(sums > 10_000 && values > 1_000)
    #expect(RunAccumulator.byteCount(run.shape, chunks: 3) == sums + values)
    let result = try run.result(accumulator)
    let arrays = [result.arrays.attentionLoss, result.arrays.kvReferenceLoss]
    #expect(arrays[0].values.count * 8 == accumulator.attentionLoss.count * 8)
  }
}
