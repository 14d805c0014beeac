import Foundation
import ModelFiles
import Testing

@testable import Inference

/// Scales of FP8 weights: how they are laid over a matrix, and what is refused.
struct FP8Tests {
  /// The factor of every element, (matrix · row, column).
  private func factors(_ scale: BlockScale, rows: Int, columns: Int) -> [[Float]] {
    (0..<rows).map { row in
      var elements = [Float](repeating: 1, count: columns)
      elements.withUnsafeMutableBufferPointer { elements in
        guard let base = elements.baseAddress else { return }
        // In two pieces: blocks may begin before a piece.
        let middle = columns / 2
        scale.apply(row: row, columns: 0..<middle, to: base)
        scale.apply(row: row, columns: middle..<columns, to: base + middle)
      }
      return elements
    }
  }

  @Test func declaredBlocksAreCutAtTheEdge() throws {
    let scale = try #require(
      BlockScale(
        values: [1, 2, 3, 4], shape: [6, 6], scaleShape: [2, 2],
        declared: .init(rows: 4, columns: 4)))
    let found = factors(scale, rows: 6, columns: 6)
    #expect(found[3] == [1, 1, 1, 1, 2, 2])
    #expect(found[4] == [3, 3, 3, 3, 4, 4])
  }

  @Test func blocksOfStackedMatricesDoNotRunOn() throws {
    let scale = try #require(
      BlockScale(
        values: [1, 2, 3, 4], shape: [2, 3, 2], scaleShape: [2, 2, 1],
        declared: .init(rows: 2, columns: 2)))
    #expect(factors(scale, rows: 6, columns: 2).map { $0[0] } == [1, 1, 2, 3, 3, 4])
    let each = try #require(
      BlockScale(values: [5, 6], shape: [2, 3, 2], scaleShape: [2], declared: nil))
    #expect(factors(each, rows: 6, columns: 2).map { $0[1] } == [5, 5, 5, 6, 6, 6])
  }

  @Test func rowsAndColumnsAgree() throws {
    let scale = try #require(
      BlockScale(values: [2, 3, 5], shape: [3, 4], scaleShape: [3], declared: nil))
    var column: [Float] = [1, 1]
    column.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      scale.apply(column: 3, rows: 1..<3, to: base)
    }
    #expect(column == [3, 5])
  }

  @Test func otherShapesAreRefused() {
    for shape in [[2], [2, 3], [3, 3], [1, 2, 1]] {
      #expect(
        BlockScale(
          values: Array(repeating: 1, count: shape.reduce(1, *)), shape: [5, 4],
          scaleShape: shape, declared: .init(rows: 128, columns: 128)) == nil, "\(shape)")
    }
  }

  /// Without the scale that the configuration promises, stored values mean nothing.
  @Test func missingScalesAreNamed() throws {
    let source = try URL(fileURLWithPath: ReferenceDump.path("fp8/row"))
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.copyItem(at: source, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let path = copy.appending(path: "model.safetensors")
    var bytes = try Data(contentsOf: path)
    let name = "model.layers.1.mlp.up_proj.weight_scale"
    let range = try #require(bytes.range(of: Data(name.utf8)))
    bytes.replaceSubrange(range, with: Data("model.layers.1.mlp.up_proj.weight_shade".utf8))
    try bytes.write(to: path)
    let checkpoint = try Checkpoint.open(copy.path)
    #expect(throws: InferenceError.missingTensors([name])) { _ = try Model(checkpoint) }
  }

  @Test func multimodalCheckpointsSaySo() throws {
    let model = try Model(Checkpoint.open(ReferenceDump.path("multimodal/llava")))
    #expect(model.multimodalType == "llava")
    #expect(model.spec.name == "llama")
    #expect(model.otherTensorCount > 0)
    #expect(try Model(Checkpoint.open(ReferenceDump.path("gqa-tied"))).multimodalType == nil)
  }

  @Test(arguments: [
    (#"{"model_type": "t5", "is_encoder_decoder": true}"#, InferenceError.notDecoderOnly("t5")),
    (#"{"model_type": "bert"}"#, .notDecoderOnly("bert")),
    (
      #"{"model_type": "deepseek_v3"}"#,
      .unsuitableAttention("deepseek_v3", reason: "caches latent vectors instead of keys")
    ),
    (
      #"{"model_type": "mamba"}"#,
      .unsuitableAttention("mamba", reason: "has layers that cache a state instead of keys")
    ),
    (
      #"{"model_type": "paligemma", "text_config": {"model_type": "gemma2"}}"#,
      .unsuitableAttention("paligemma", reason: "lets tokens of a prompt see those behind them")
    ),
    (
      #"{"model_type": "qwen3_vl", "vision_config": {}}"#,
      .unknownArchitecture("qwen3_vl", known: ArchitectureRegistry.all.map(\.name))
    ),
    (
      #"{"model_type": "seer", "text_config": {"model_type": "unheard"}}"#,
      .unknownArchitecture("unheard", known: ArchitectureRegistry.all.map(\.name))
    ),
    (
      #"{"model_type": "mosaic"}"#,
      .unknownArchitecture("mosaic", known: ArchitectureRegistry.all.map(\.name))
    ),
  ])
  func othersAreRefusedByName(text: String, error: InferenceError) throws {
    let document = try JSONDocument(parsing: Array(text.utf8))
    #expect(throws: error) { _ = try TextModel(document.root) }
  }
}
