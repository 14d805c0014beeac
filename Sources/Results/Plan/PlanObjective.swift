/// What a plan makes small.
public enum PlanObjective: String, Sendable, CaseIterable {
  /// How far what attention adds moves, relative to the residual stream that it is added to.
  case outputError = "output-error"
  /// Attention that dropped positions would have had (Eq. 1), the mean over query heads.
  case attentionLoss = "attention-loss"
  /// The rise of negative log likelihood when a layer alone is compressed.
  case sensitivity

  /// The array of a result that holds its curves, (folds, layers, kv_heads, points); `nil` where an
  /// evaluation does.
  public var array: ResultArray? {
    switch self {
    case .outputError: .kvOutputError
    case .attentionLoss: .kvAttentionLoss
    case .sensitivity: nil
    }
  }

  /// In sentences.
  public var words: String {
    switch self {
    case .outputError: "relative output error"
    case .attentionLoss: "attention loss"
    case .sensitivity: "rise of negative log likelihood"
    }
  }

  /// In the order of fields and columns.
  public static let inFiles: [PlanObjective] = [.attentionLoss, .outputError, .sensitivity]

  /// In files.
  public var fieldName: String {
    switch self {
    case .outputError: "output_error"
    case .attentionLoss: "attention_loss"
    case .sensitivity: "sensitivity"
    }
  }
}
