import Inference
import ModelFiles
import TestSupport

/// The sample model and made-up texts for it.
enum SampleModel {
  static func pass(threads: Int = 2) throws -> ForwardPass {
    let checkpoint = try Checkpoint.open(
      Repository.root.appendingPathComponent("notebooks-data/sample/model.safetensors").path)
    return ForwardPass(
      model: try Model(checkpoint), kernels: Kernels(), precision: .f32,
      pool: WorkerPool(count: threads))
  }

  static func text(_ seed: Int, length: Int) -> [Int32] {
    [0] + (1..<length).map { Int32(($0 * 37 + seed * 101 + $0 * $0 % 211) % 4000 + 2) }
  }
}
