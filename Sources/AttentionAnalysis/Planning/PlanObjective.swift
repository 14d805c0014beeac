import Results

/// What a plan makes small.
public enum PlanObjective: String, Sendable, CaseIterable {
  /// How far what attention adds moves, relative to the residual stream that it is added to.
  case outputError = "output-error"
  /// Attention that dropped positions would have had (Eq. 1), the mean over query heads.
  case attentionLoss = "attention-loss"

  /// The array of a result that holds its curves, (folds, layers, kv_heads, points).
  var array: ResultArray {
    switch self {
    case .outputError: .kvOutputError
    case .attentionLoss: .kvAttentionLoss
    }
  }

  /// In sentences.
  public var words: String {
    switch self {
    case .outputError: "relative output error"
    case .attentionLoss: "attention loss"
    }
  }
}
