import Inference
import ModelFiles
import Testing

/// The forward pass against Hugging Face transformers in float32, on tiny random checkpoints.
struct TransformersTests {
  struct Fixture: Sendable, CustomTestStringConvertible {
    let model: String
    let reference: String
    var testDescription: String { model }

    init(_ model: String, _ reference: String? = nil) {
      self.model = model
      self.reference = reference ?? "\(model)/reference.safetensors"
    }
  }

  static let fixtures = [
    Fixture("gqa-tied"), Fixture("untied-output"), Fixture("biases"), Fixture("sharded"),
    Fixture("head-dim"), Fixture("rope-theta"),
    Fixture("rope-theta-old-spelling", "rope-theta/reference.safetensors"),
    Fixture("gguf/tiny-f32.gguf", "gqa-tied/reference.safetensors"),
    Fixture("gguf/tiny-q8_0.gguf", "gguf/reference-q8_0.safetensors"),
  ]

  @Test(arguments: fixtures, Kernels.names)
  func agrees(_ fixture: Fixture, kernels name: String) throws {
    guard let kernels = try? Kernels(named: name) else { return }
    let reference = try ReferenceDump(ReferenceDump.path(fixture.reference))
    let model = try Model(Checkpoint.open(ReferenceDump.path(fixture.model)))
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: .f32, pool: WorkerPool(count: 2))
    let recorder = CollectingRecorder(
      queryPositions: reference.attentionRows, headsPerGroup: spec.groupSize)
    let batch = TokenBatch(firstChunk: 0, tokens: [reference.tokens])
    let logits = try #require(try pass.run(batch, recorder: recorder, logits: .all))

    #expect(logits.count == reference.logits.count)
    #expect(largestDifference(logits, reference.logits) < 1e-4)

    let length = reference.tokens.count
    var attention: [Float] = []
    for layer in 0..<spec.layerCount {
      for head in 0..<spec.headCount {
        for position in reference.attentionRows {
          let key = CollectingRecorder.Key(
            chunk: 0, layer: layer, head: head, position: position)
          let row = try #require(recorder.rows[key])
          #expect(row.count == position)
          attention += row + [Float](repeating: .nan, count: length - position)
        }
      }
    }
    // The query's own score and what lies behind it are not offered.
    let offered = zip(attention, reference.attention).filter { !$0.0.isNaN }
    #expect(largestDifference(offered.map(\.0), offered.map(\.1)) < 1e-5)

    var norms: [Double] = []
    for layer in 0..<spec.layerCount {
      for head in 0..<spec.kvHeadCount {
        norms += try #require(recorder.norms[.init(chunk: 0, layer: layer, head: head)])
      }
    }
    #expect(norms.count == reference.keyNorms.count)
    #expect(zip(norms, reference.keyNorms).allSatisfy { abs($0 - $1) < 1e-5 * max(1, $1) })
  }

  private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }
}
