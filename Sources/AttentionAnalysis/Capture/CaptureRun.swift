import Inference
import Results

extension PromptCapture {
  /// Captures a prompt in one pass, which ends with the last layer asked for.
  ///
  /// - Parameters:
  ///   - tokens: the prompt, a BOS included.
  ///   - progress: called after each layer with the layers done.
  /// - Throws: `AnalysisRun.Cancelled`, `MeasurementError` where something is not finite,
  ///   `InferenceError`.
  public static func run(
    _ request: CaptureRequest, with pass: ForwardPass, tokens: [CapturedToken], hasAddedBOS: Bool,
    tool: String, model: ModelSummary, progress: (_ layers: Int) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> PromptCapture {
    let spec = pass.model.spec
    let recorder = CaptureRecorder(request, spec: spec, tokens: tokens.count)
    let ids = tokens.map { Int32(truncatingIfNeeded: $0.id) }
    let rows = PassRows(sequences: [ids])
    try pass.run(
      rows, cache: KVCache(for: pass, mode: .transient, sequences: rows.sequences),
      workspace: PassWorkspace(for: pass), recorder: recorder,
      progress: { layers in
        progress(layers)
        return !isCancelled() && !recorder.hasFailed
      })
    if isCancelled() { throw AnalysisRun.Cancelled() }
    return PromptCapture(
      tool: tool, model: model, precision: pass.precision.rawValue, isa: pass.kernels.name,
      rope: pass.model.rotaryOverride?.description, tokens: tokens, hasAddedBOS: hasAddedBOS,
      layers: request.layers.map { CapturedLayer(layer: $0, window: spec.layers[$0].window) },
      heads: request.heads, attentionScale: Double(spec.attentionScale),
      attentionSoftCap: spec.attentionSoftCap.map(Double.init), arrays: try recorder.finish())
  }
}
