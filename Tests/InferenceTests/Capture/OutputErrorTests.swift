import Foundation
import Inference
import ModelFiles
import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

/// Output errors against those that `make_output_errors.py` computed with plain torch.
struct OutputErrorTests {
  static let models = [
    "gqa-tied", "architectures/gemma3", "architectures/gpt2", "architectures/phi",
  ]

  @Test(arguments: models, Kernels.availableNames.filter { $0 != "scalar" })
  func agreesWithTorch(name: String, kernels: String) throws {
    let reference = try ReferenceDump(ReferenceDump.path("\(name)/reference.safetensors"))
    let expected = try #require(
      try JSONDocument(
        parsing: [UInt8](
          Data(contentsOf: URL(fileURLWithPath: ReferenceDump.path("output-errors.json"))))
      )
      .root[name]
    ).elements.flatMap { $0.elements.flatMap { $0.elements.compactMap(\.double) } }
    let result = try Self.measure(
      try ReferenceDump.path(name), tokens: [Array(reference.tokens.prefix(24))],
      kernels: Kernels(named: kernels), threads: 2)
    let errors = result.arrays[.kvOutputError]
    // Of eight folds the one chunk is in the first.
    #expect(errors.values.count == 8 * expected.count && !expected.isEmpty)
    for (index, value) in expected.enumerated() {
      let own = errors.values[index]
      #expect(abs(own - value) <= 1e-9 + 2e-5 * value, "\(index): \(own), not \(value)")
    }
  }

  /// Nothing dropped moves nothing, whatever else goes through the layers, on any thread.
  @Test func chunksAndThreadsChangeNothing() throws {
    let path = try ReferenceDump.path("gqa-tied")
    let tokens = Array(
      try ReferenceDump(ReferenceDump.path("gqa-tied/reference.safetensors")).tokens.prefix(24))
    let chunks = [tokens, Array(tokens.reversed()), tokens]
    let together = try Self.measure(path, tokens: chunks, batchSize: 3, threads: 2)
    let single = try Self.measure(path, tokens: chunks, batchSize: 1, threads: 1)
    let isSame = isIdentical(together, single)
    #expect(isSame)
    let errors = together.arrays[.kvOutputError].values
    let curves = stride(from: 0, to: errors.count / 8 * 3, by: 21)
    let areMoved = curves.allSatisfy { errors[$0] == 0 && errors[$0 + 20] > 0 }
    #expect(areMoved && errors.count == 8 * 6 * 21)
  }

  @Test func nothingIsKeptWhereNobodyAsks() throws {
    let path = try ReferenceDump.path("gqa-tied")
    let tokens = Array(
      try ReferenceDump(ReferenceDump.path("gqa-tied/reference.safetensors")).tokens.prefix(24))
    let plain = try Self.measure(path, tokens: [tokens], hasOutputError: false)
    #expect(!plain.arrays.has(.kvOutputError))
    let full = try Self.measure(path, tokens: [tokens])
    let losses = [plain, full].map { $0.arrays[.kvAttentionLoss].values.prefix(6 * 101) }
    let areSame = losses[0] == losses[1] && plain.heads == full.heads
    #expect(areSame)
  }

  private static func measure(
    _ path: String, tokens: [[Int32]], batchSize: Int = 1, hasOutputError: Bool = true,
    kernels: Kernels = Kernels(), threads: Int = 1
  ) throws -> AnalysisResult {
    let model = try Model(Checkpoint.open(path))
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: .f32, pool: WorkerPool(count: threads))
    let shape = RunShape(model.spec, chunkLength: 23, hasOutputError: hasOutputError)
    let run = AnalysisRun(
      tool: "test", model: ModelSummary(model),
      corpus: CorpusSummary(
        name: "text", tokens: 24 * tokens.count, chunks: tokens.count, chunkLength: 23, bos: false,
        fingerprint: ""),
      protocolSummary: ProtocolSummary(
        query: "last:3", score: "key-norm", precision: "f32", isa: kernels.name,
        hasOutputError: hasOutputError),
      shape: shape, query: .last(3), chunks: tokens)
    return try run.run(with: pass, batchSize: batchSize)
  }
}
