/// Why there is no plan.
public enum PlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The objective's curves were not measured.
  case notMeasured(PlanObjective)
  /// Every layer has a window.
  case nothingToDrop
  /// More than leaves every head something.
  case savesTooMuch(asked: Double, most: Double)
  /// A budget that holds all there is.
  case budgetTooLarge(positions: Int, cached: Double)
  /// No chunk was measured.
  case noChunks

  public var description: String {
    switch self {
    case .notMeasured(let objective):
      "the results hold no \(objective.words): measure with analyze --output-error, or choose "
        + "--objective attention-loss"
    case .nothingToDrop:
      "every layer has a sliding window, whose memory is fixed; --windowed compresses them too"
    case .savesTooMuch(let asked, let most):
      "\(Self.percent(asked)) cannot be saved: no head is left with less than "
        + Self.percent(1 - most)
    case .budgetTooLarge(let positions, let cached):
      "a budget of \(positions) positions saves nothing: a KV head holds "
        + "\(Int(cached.rounded())) on average"
    case .noChunks: "the results were measured on no chunk"
    }
  }

  /// 50 %, or 12.5 %.
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
  }
}
