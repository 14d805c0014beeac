import Compression
import Inference
import ModelFiles
import Tokenization

/// Keeps positions at even distances.
struct EvenlySpaced: Policy {
  static let name = "evenly-spaced"
  static let summary = "positions at even distances"

  init(_ options: PolicyOptions) {}

  func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    (0..<count).map { $0 * view.count / count }
  }
}

/// What a model says after a prompt of which a share stays in the cache.
func answer(to prompt: String, model path: String, keepRatio: Double) throws -> String {
  let checkpoint = try Checkpoint.open(path)
  let model = try Model(checkpoint)
  let tokenizer = try Tokenizer.load(directory: path)
  let pass = ForwardPass(
    model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 2))
  let rule = CompressionRule(
    policy: EvenlySpaced(PolicyOptions()),
    budget: .ratio(
      keepRatio, layers: model.spec.layerCount, kvHeads: model.spec.kvHeadCount,
      skippedLayers: [0, 1]))
  let decoding = try Decoding(
    prompt: tokenizer.encodeWithSpecialTokens(prompt), rules: [rule], newTokens: 12, pass: pass,
    workspace: PassWorkspace(for: pass))
  let answers = try decoding.finish(limit: 12, ends: EndTokens.of(checkpoint, tokenizer))
  return tokenizer.decode(answers[0], skippingSpecialTokens: true)
}
