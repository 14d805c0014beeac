import Results

/// Why there is no plan.
public enum PlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The objective's curves were not measured.
  case notMeasured(PlanObjective)
  /// The sensitivity of one model, and the result of another.
  case otherModel(String)
  /// The sensitivity to one policy, and the result of another score.
  case otherScore(sensitivity: String, result: String)
  /// An evaluation without a layer compressed alone.
  case noLayerAlone
  /// Layers that were not compressed alone.
  case unmeasuredLayers([Int])
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
    case .notMeasured(.sensitivity):
      "no sensitivity is given: measure it with evaluate lm --layer-by-layer, and name its results "
        + "with --sensitivity"
    case .otherModel(let model):
      "the sensitivity is that of another model (\(model))"
    case .otherScore(let sensitivity, let result):
      "the sensitivity is that to \(sensitivity), and the results are of \(result)"
    case .noLayerAlone:
      "no layer was compressed alone beside no compression; evaluate lm --layer-by-layer does that"
    case .unmeasuredLayers(let layers):
      "the sensitivity of layers \(NumberRanges.text(layers)) was not measured"
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
