/// The memory that passes work in: made once, grown where a pass needs more, kept from step to
/// step.
///
/// An instance belongs to one pass at a time.
public final class PassWorkspace {
  let activations: Activations
  let products: ProductStage
  let attention: AttentionStage
  let experts: ExpertStage
  let logits = Buffer(bytes: 0)
  /// Whether a pass has gone through all layers, and so read their weights.
  var hasRead = false

  /// Work space of passes like `pass`.
  public init(for pass: ForwardPass) {
    let spec = pass.model.spec
    let number = pass.kernels.number(for: pass.precision)
    activations = Activations(spec: spec, kernels: pass.kernels, pool: pass.pool, number: number)
    products = ProductStage(
      checkpoint: pass.model.checkpoint, kernels: pass.kernels, pool: pass.pool, number: number)
    attention = AttentionStage(
      spec: spec, kernels: pass.kernels, pool: pass.pool, number: number)
    experts = ExpertStage(spec: spec, kernels: pass.kernels, pool: pass.pool, number: number)
  }
}
