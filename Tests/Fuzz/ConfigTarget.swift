import Foundation
import Inference
import ModelFiles

/// A model's configuration, matched with tensors and, where it fits them, run on three tokens.
///
/// What begins with `GGUF` is the header of such a file; tensor data are made up. Anything else is
/// a `config.json` and, behind a NUL, a byte that chooses among the weights of `ALR_FUZZ_MODELS`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  let path: String
  if input.starts(with: "GGUF".utf8) {
    path = tensorData.withUnsafeBytes { Scratch.write(input, $0, to: "model.gguf") }
  } else {
    let (configuration, choice) = halves(input)
    guard !models.isEmpty else { preconditionFailure("ALR_FUZZ_MODELS names no models") }
    let model = models[Int(choice.first ?? 0) % models.count]
    Scratch.write(configuration, to: "\(model)/config.json")
    path = "\(Scratch.folder)/\(model)"
  }
  do {
    let model = try Model(try Checkpoint.open(path))
    try run(model)
  } catch {
    expectOneLine(error)
  }
  return 0
}

/// Small enough numbers in every float type, positive and finite.
private let tensorData = [UInt8](repeating: 0x3C, count: 256 << 10)

/// One folder a model, with its weights in it.
private let models: [String] = {
  let source = ProcessInfo.processInfo.environment["ALR_FUZZ_MODELS"] ?? ""
  let names = (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []
  for name in names {
    Scratch.makeFolder(name)
    symlink("\(source)/\(name)", "\(Scratch.folder)/\(name)/model.safetensors")
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}()

private func run(_ model: Model) throws {
  let spec = model.spec
  precondition(spec.layerCount > 0 && spec.groupSize > 0)
  let tokens = [0, 1, 2].map { Int32(min($0, spec.vocabularySize - 1)) }
  try spec.checkLength(tokens.count)
  let pass = ForwardPass(
    model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 1))
  precondition(pass.memory(length: tokens.count, recordedRows: 1).perChunk > 0)
  let rows = PassRows(sequences: [tokens])
  let collector = LogitCollector()
  try pass.run(
    rows, cache: KVCache(for: pass, mode: .transient, sequences: rows.sequences),
    workspace: PassWorkspace(for: pass), recorder: LastRow(),
    logits: LogitRequest(.last, to: collector))
  precondition(collector.logits.count == spec.vocabularySize)
}

/// Asks for the attention of the last query.
private final class LastRow: AttentionRecorder, RecorderWorker, Sendable {
  let request = RecordRequest(queryPositions: [2], parts: .attention)

  func makeWorker() -> any RecorderWorker { self }

  func begin(_ view: KVHeadView) { precondition(view.count == 3) }

  func take(_ tile: AttentionTile) {
    precondition(tile.positions == [2])
    let scores = tile.cachedScores(query: 0, head: 0)
    precondition(scores.count <= 2)
    _ = scores.reduce(0, +)
  }

  func finish() {}
}
