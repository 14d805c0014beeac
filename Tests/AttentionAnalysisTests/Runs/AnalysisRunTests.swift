import Inference
import Synchronization
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct AnalysisRunTests {
  private func analysis(_ synthetic: SyntheticRun, chunks: Int) throws -> AnalysisRun {
    let example = try synthetic.result(synthetic.accumulate(0..<chunks))
    return AnalysisRun(
      tool: example.tool, model: example.model, corpus: example.corpus,
      protocolSummary: example.protocolSummary, shape: synthetic.shape, query: synthetic.query,
      chunks: Array(repeating: Array(repeating: 0, count: 41), count: chunks))
  }

  @Test func assemblesWhatThePassRecords() throws {
    let synthetic = SyntheticRun.small
    let run = try analysis(synthetic, chunks: 3)
    let fractions = Mutex<[Double]>([])
    let progress: @Sendable (Double) -> Void = { fraction in
      fractions.withLock { $0.append(fraction) }
    }
    let result = try run.run(progress: progress) { run, collector in
      let measurer = try run.makeMeasurer()
      // Layer by layer over all chunks, as a pass goes.
      for layer in run.shape.layers.indices {
        for chunk in run.chunks.indices {
          for kvHead in 0..<run.shape.kvHeads {
            collector.add(
              try synthetic.records(chunk: chunk, layer: layer, kvHead: kvHead, by: measurer))
          }
        }
      }
    }
    #expect(try isIdentical(result, synthetic.result(synthetic.accumulate(0..<3))))
    let seen = fractions.withLock { $0 }
    #expect(seen.count == 18 && seen == seen.sorted() && seen.last == 1)
  }

  @Test func theFirstFaultStopsThePassAndIsThrown() throws {
    let synthetic = SyntheticRun.small
    let run = try analysis(synthetic, chunks: 2)
    #expect(throws: MeasurementError.keyNormOutOfRange(chunk: 1, layer: 2, kvHead: 0)) {
      try run.run { run, collector in
        let measurer = try run.makeMeasurer()
        for (chunk, layer) in [(1, 2), (0, 0)] {
          #expect(collector.shouldStop == (chunk == 0))
          KVHeadView.withNorms(
            [Double](repeating: .nan, count: 40), chunk: chunk, layer: layer
          ) {
            measurer.begin($0)
          }
          collector.collect(from: measurer)
        }
      }
    }
  }

  @Test func cancellingGivesNoResult() throws {
    let run = try analysis(SyntheticRun.small, chunks: 1)
    #expect(throws: AnalysisRun.Cancelled()) {
      try run.run(
        isCancelled: { true }, pass: { _, collector in #expect(collector.shouldStop) })
    }
  }

  @Test func aPassThatLeavesOutRecordsIsFound() throws {
    let run = try analysis(SyntheticRun.small, chunks: 1)
    #expect(throws: MeasurementError.noChunks) { try run.run { _, _ in } }
  }
}
