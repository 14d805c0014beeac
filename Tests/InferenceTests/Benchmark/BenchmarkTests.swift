import ModelFiles
import Testing

@testable import AttentionAnalysis
@testable import Inference

/// What `bench` times, and by which number of operations.
struct BenchmarkTests {
  private func open(_ name: String) throws -> Model {
    try Model(Checkpoint.open(ReferenceDump.path(name)))
  }

  /// A gate or none, experts, windows: counted by the matrices and the positions themselves.
  @Test(arguments: ["gqa-tied", "gpt2", "mixtral", "mistral"].map { "architectures/\($0)" })
  func countsUsefulOperations(_ name: String) throws {
    let model = try open(name == "architectures/gqa-tied" ? "gqa-tied" : name)
    let spec = model.spec
    let length = 24
    func seen(_ layer: LayerSpec, _ position: Int) -> Int {
      (0...position).count { position - $0 < layer.window ?? .max }
    }
    var expected = 0
    for (layer, weights) in zip(spec.layers, model.layers).dropLast() {
      var parameters =
        [weights.query.part, weights.key.part, weights.value.part]
        .reduce(0) { $0 + $1.rows * $1.columns } + size(weights.attentionOutput)
      switch weights.feedForward {
      case .dense(let dense): parameters += size(dense.input) + size(dense.down)
      case .experts(let mixture):
        parameters += size(mixture.router)
        for expert in mixture.experts.prefix(spec.experts?.usedCount ?? 0) {
          parameters += size(expert.input) + size(expert.down)
        }
      }
      expected += 2 * length * parameters
      for position in 0..<length {
        expected += spec.headCount * seen(layer, position) * 4 * spec.headDim
      }
    }
    let (last, weights) = (try #require(spec.layers.last), try #require(model.layers.last))
    expected += 2 * length * weights.key.part.rows * weights.key.part.columns
    for row in [7, 23] {
      expected += 2 * weights.query.part.rows * weights.query.part.columns
      expected += spec.headCount * seen(last, row) * 2 * spec.headDim
    }
    #expect(spec.usefulOperations(length: length, recordedRows: [7, 23]) == Double(expected))
  }

  private func size(_ weights: LayerWeights.BiasedMatrix) -> Int {
    weights.matrix.parts.reduce(0) { $0 + $1.rows * $1.columns }
  }

  /// A window smaller than the chunk leaves fewer candidates than it has positions.
  @Test func timesModelsWithWindows() throws {
    let model = try open("architectures/mistral")
    #expect(model.spec.layers.contains { $0.window.map { $0 < 24 } ?? false })
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 1))
    let measured = try PassBenchmark(pass: pass, chunkLength: 24, chunks: 2).measure(.next)
    #expect(measured.chunks.keys.sorted() == [0, 1])
    for values in measured.chunks.values {
      #expect(values.missing == 0)
      #expect(values.heads.count == model.spec.layerCount * model.spec.headCount)
      #expect(values.heads.allSatisfy { $0.alr.isFinite && $0.alr > 0 })
    }
    // Positions outside the window have no attention.
    let window = try #require(model.spec.layers[0].window)
    let attention = try #require(SumArray.all.firstIndex { $0.array == .attentionMean })
    #expect(measured.sums[attention][..<24].count { $0 > 0 } == window - 1)
  }
}
