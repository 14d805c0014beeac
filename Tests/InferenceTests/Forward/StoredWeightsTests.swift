import AttentionAnalysis
import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// Passes whose products read weights as they are stored.
struct StoredWeightsTests {
  typealias Fixture = TransformersTests.Fixture

  private static let fixtures =
    TransformersTests.storage + TransformersTests.architectures + TransformersTests.ggufs
    + TransformersTests.fp8 + TransformersTests.multimodal

  private func pass(
    _ name: String, kernels: Kernels = Kernels(), precision: Precision = .f32, threads: Int = 2
  ) throws -> ForwardPass {
    ForwardPass(
      model: try Model(Checkpoint.open(ReferenceDump.path(name))), kernels: kernels,
      precision: precision, pool: WorkerPool(count: threads))
  }

  /// Within what packed weights are held to.
  @Test(arguments: fixtures, Kernels.availableNames)
  func agreesWithTransformers(_ fixture: Fixture, kernels name: String) throws {
    let reference = try ReferenceDump(ReferenceDump.path(fixture.reference))
    let pass = try pass(fixture.model, kernels: Kernels(named: name))
    let found = try #require(
      try pass.read([reference.tokens], logits: .all, weights: .stored))
    var worst = WorstDifference<Float>()
    worst.add(found, reference.logits)
    #expect(worst.worst < 1e-4)
  }

  /// Weights that are bfloat16 themselves lose nothing by being rounded, so only sums differ; those
  /// of other types differ by the rounding.
  @Test(arguments: Kernels.availableNames)
  func roundedActivationsStayNear(kernels name: String) throws {
    for model in ["gqa-tied", "architectures/gpt2", "fp8/block", "architectures/gemma3"] {
      let pass = try pass(model, kernels: Kernels(named: name), precision: .bf16)
      let tokens = Array((0..<20).map { Int32($0 * 7 % 50) })
      let packed = try #require(try pass.read([tokens], logits: .all))
      let stored = try #require(try pass.read([tokens], logits: .all, weights: .stored))
      let differences = zip(packed, stored).map { Double($0 - $1) * Double($0 - $1) }
      let squares = packed.map { Double($0) * Double($0) }
      #expect((differences.reduce(0, +) / squares.reduce(0, +)).squareRoot() < 0.04)
    }
  }

  /// A token alone, the same beside seven others, in a text that goes through whole, on one thread
  /// and on three.
  @Test(
    arguments: [
      "gqa-tied", "gguf/tiny-q8_0.gguf", "gguf/gemma3.gguf", "architectures/gpt2",
      "architectures/mixtral", "fp8/block",
    ], Precision.allCases)
  func rowsAreIndependent(_ model: String, precision: Precision) throws {
    var random = SplitMix64(seed: 9)
    let pass = try pass(model, precision: precision, threads: 3)
    let single = try self.pass(model, precision: precision, threads: 1)
    let vocabulary = Int32(pass.model.spec.vocabularySize)
    let texts = (0..<8).map { _ in
      (0..<12).map { _ in Int32.random(in: 0..<vocabulary, using: &random) }
    }
    let together = try steps(of: pass, texts)
    for (index, text) in texts.enumerated() {
      let alone = try steps(of: single, [text])
      #expect(alone[0] == together[index])
      let whole = try #require(try pass.read([text], logits: .all, weights: .stored))
      #expect(whole == alone[0])
    }
  }

  /// A weight that is not finite is named; activations that are not are no weight's fault.
  @Test(arguments: Precision.allCases)
  func namesWeightsThatAreNotFinite(_ precision: Precision) throws {
    let folder = try TemporaryFolder()
    let source = try ReferenceDump.path("gqa-tied")
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: source + "/" + name, toPath: folder.path + "/" + name)
    }
    let path = folder.path + "/model.safetensors"
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let headerLength = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try JSONDocument(parsing: Array(bytes[8..<8 + headerLength])).root
    for tensor in ["model.layers.0.mlp.down_proj.weight", "model.layers.1.mlp.up_proj.weight"] {
      let offsets = try #require(header[tensor]?["data_offsets"]?.elements.map(\.int))
      let end = 8 + headerLength + (try #require(offsets[1]))
      let old = Array(bytes[end - 4..<end])
      // NaN in float32 as in bfloat16.
      bytes.replaceSubrange(end - 4..<end, with: [0xc0, 0x7f, 0xc0, 0x7f])
      try Data(bytes).write(to: URL(filePath: path))
      let broken = ForwardPass(
        model: try Model(Checkpoint.open(folder.path)), kernels: Kernels(), precision: precision,
        pool: WorkerPool(count: 2))
      #expect(throws: InferenceError.nonFiniteWeights(tensor: tensor)) {
        try broken.read([[1, 2, 3]], logits: .last, weights: .stored)
      }
      bytes.replaceSubrange(end - 4..<end, with: old)
    }
  }

  /// Logits of every position of every text, a token of each at a time.
  private func steps(of pass: ForwardPass, _ texts: [[Int32]]) throws -> [[Float]] {
    let length = texts[0].count
    let cache = KVCache(
      for: pass, mode: .kept, sequences: 0..<texts.count, length: length)
    let workspace = PassWorkspace(for: pass)
    var found = texts.map { _ in [Float]() }
    for position in 0..<length {
      let collector = LogitCollector()
      let rows = PassRows(
        spans: texts.enumerated().map { index, text in
          .init(sequence: index, firstPosition: position, tokens: [text[position]])
        })
      try pass.run(
        rows, cache: cache, workspace: workspace, logits: LogitRequest(.all, to: collector),
        weights: .stored)
      let vocabulary = pass.model.spec.vocabularySize
      for index in texts.indices {
        found[index] += collector.logits[index * vocabulary..<(index + 1) * vocabulary]
      }
    }
    return found
  }
}
