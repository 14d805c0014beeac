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

  /// What is timed is decoding: the first sequence gets the tokens that it gets alone, run after run.
  @Test func decodesTheSameTokensInEveryRun() throws {
    let pass = ForwardPass(
      model: try open("gqa-tied"), kernels: Kernels(), precision: .f32,
      pool: WorkerPool(count: 2))
    let one = try DecodeBenchmark(of: pass, sequences: 1)
    let tokens = try one.run()
    #expect(tokens.count == DecodeBenchmark.steps)
    #expect(Set(tokens).count > 1)
    #expect(try one.run() == tokens)
    let many = try DecodeBenchmark(of: pass, sequences: 8).run()
    #expect(many.map { [$0[0]] } == tokens)
    #expect(Set(many.last ?? []).count > 1)
  }

  /// Every matrix once, of experts those that a row goes through.
  @Test(arguments: ["gqa-tied", "untied-output", "architectures/gpt2", "architectures/mixtral"])
  func countsTheWeightsOfAToken(_ name: String) throws {
    let model = try open(name)
    var expected = 0
    for tensor in model.checkpoint.tensors where tensor.shape.count == 2 {
      let isExpert = tensor.name.contains(".experts.")
      let isUsed = (0..<(model.spec.experts?.usedCount ?? 0)).contains {
        tensor.name.contains(".experts.\($0).")
      }
      let isLookedUp =
        tensor.name.contains("wpe") || (tensor.name.contains("embed") && !model.spec.tiedEmbeddings)
      if !isLookedUp, !isExpert || isUsed { expected += tensor.byteCount }
    }
    #expect(model.weightBytesPerToken == expected)
  }
}
