import CKernels
import ModelFiles
import Results
import Synchronization
import Testing

@testable import AttentionAnalysis
@testable import Inference

private let sorts = Atomic(0)
private let selections = Atomic(0)

/// Rows are sorted, and orders narrowed, by the kernels of the pass that makes them: what `ALR_ISA`
/// forces holds for measuring too.
struct MeasuringKernelsTests {
  @Test func measuringUsesTheKernelsOfThePass() throws {
    // The best kernels, with their calls counted.
    var table = alr_kernels_best().pointee
    table.sort_scores = { scores, count, sorted, scratch in
      sorts.add(1, ordering: .relaxed)
      return alr_kernels_best().pointee.sort_scores(scores, count, sorted, scratch)
    }
    table.select_range = { order, count, lower, size, selected in
      selections.add(1, ordering: .relaxed)
      return alr_kernels_best().pointee.select_range(order, count, lower, size, selected)
    }
    try withUnsafePointer(to: table) { table in
      let model = try Model(Checkpoint.open(ReferenceDump.path("gqa-tied")))
      let pass = ForwardPass(
        model: model, kernels: Kernels(table: table), precision: .f32, pool: WorkerPool(count: 2))
      let spec = model.spec
      // The last of five rows is sorted with its positions, which is no kernel's work; the mean of
      // a group's heads is sorted like another head, and each row has an order of its own.
      #expect(spec.groupSize > 1)
      let chunks = 2
      let sortCount = chunks * spec.layerCount * (spec.headCount + spec.kvHeadCount) * 4
      let selectionCount = chunks * spec.layerCount * spec.kvHeadCount * (5 + 1)

      try PassBenchmark(pass: pass, chunkLength: 24, chunks: chunks).measure(.last(5))
      #expect(sorts.exchange(0, ordering: .relaxed) == sortCount)
      #expect(selections.exchange(0, ordering: .relaxed) == selectionCount)

      let run = AnalysisRun(
        tool: "", model: ModelSummary(model),
        corpus: CorpusSummary(
          name: "", tokens: 50, chunks: chunks, chunkLength: 24, bos: false, fingerprint: ""),
        protocolSummary: ProtocolSummary(query: "", score: "", precision: "", isa: ""),
        shape: RunShape(spec, chunkLength: 24), query: .last(5),
        chunks: Array(repeating: (0..<25).map { $0 }, count: chunks))
      _ = try run.run(with: pass, batchSize: chunks)
      #expect(sorts.exchange(0, ordering: .relaxed) == sortCount)
      #expect(selections.exchange(0, ordering: .relaxed) == selectionCount)
    }
  }
}
