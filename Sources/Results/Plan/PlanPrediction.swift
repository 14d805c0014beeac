/// What a plan is predicted to cost, on the chunks that it was made on and on others; `nil` where
/// that was not measured, or there are no others.
public struct PlanPrediction: Sendable, Equatable {
  /// Mean over KV heads of the attention that dropped positions would have had.
  public var attentionLoss: Double?
  public var attentionLossElsewhere: Double?
  /// Sum over KV heads of the relative output errors.
  public var outputError: Double?
  public var outputErrorElsewhere: Double?

  public init(
    attentionLoss: Double?, attentionLossElsewhere: Double?, outputError: Double?,
    outputErrorElsewhere: Double?
  ) {
    self.attentionLoss = attentionLoss
    self.attentionLossElsewhere = attentionLossElsewhere
    self.outputError = outputError
    self.outputErrorElsewhere = outputErrorElsewhere
  }
}
