import TestSupport
import Testing

@testable import AttentionAnalysis

/// What is told of the memory of a run is what its parts allocate.
@Suite struct RunMemoryTests {
  @Test func sumsAreCountedAsTheyAreKept() throws {
    let run = SyntheticRun.small
    let accumulator = try run.accumulate(0..<3)
    let sums = accumulator.sums.reduce(0) { $0 + $1.count } * MemoryLayout<Int64>.stride
    let values = accumulator.chunks.values.reduce(0) {
      // A mark for each KV head says whether its record is there.
      $0 + ($1.heads.count + $1.kvHeads.count) * MemoryLayout<ChunkValues.HeadValues>.stride
        + $1.kvHeads.count
    }
    #expect(sums > 10_000 && values > 1_000)
    #expect(RunAccumulator.byteCount(run.shape, chunks: 3) == sums + values)
    let arrays = try run.result(accumulator).arrays
    for (array, sum) in zip(SumArray.all, accumulator.sums) {
      #expect(arrays[array.array].values.count == sum.count)
    }
  }
}
