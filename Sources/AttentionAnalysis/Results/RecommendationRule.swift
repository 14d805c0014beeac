import Foundation

extension Recommendation {
  /// The first rule, in words.
  public static let ratioRule =
    "skip a layer whose alr_ratio has its lower 95 % bound above 1 (with one chunk, which gives no "
    + "interval: is itself above 1), or lies above median + 3 * 1.4826 * MAD of all layers"

  /// Half the width of a 95 % interval, in standard errors.
  public static let intervalReach = 1.96

  /// Why the first rule skips a layer.
  public enum Cause: Sendable, Equatable {
    /// The lower 95 % bound of the ratio is above 1.
    case worseThanChance
    /// The ratio is above 1 and has no error: there was one chunk.
    case aboveOneWithoutInterval
    /// The ratio is above `standoutThreshold`.
    case standsOut
  }

  /// Layers to leave uncompressed by the first rule: those that dropping by key norm serves worse
  /// than chance, and those that stand out among the others.
  ///
  /// Layers whose ratio is undefined are neither skipped nor counted; without an error of the
  /// ratio (one chunk) a ratio above 1 is taken at its word.
  public init(skippingByRatioOf layers: [LayerResult]) {
    let ratios = layers.compactMap(\.alrRatio)
    let threshold = Self.standoutThreshold(layers)
    var skipped: [Int] = []
    var reasons: [String] = []
    for layer in layers {
      guard let ratio = layer.alrRatio else { continue }
      let causes = Self.causes(of: layer, threshold: threshold).map { cause in
        switch cause {
        case .worseThanChance:
          "its lower 95 % bound "
            + Self.spelled(ratio - Self.intervalReach * (layer.alrRatioSE ?? 0))
            + " is above 1: key norms do worse than chance"
        case .aboveOneWithoutInterval:
          "it is above 1, worse than chance, but one chunk gives no interval"
        case .standsOut:
          "it lies above median + 3 * 1.4826 * MAD = \(Self.spelled(threshold ?? 0))"
        }
      }
      if causes.isEmpty { continue }
      let error = layer.alrRatioSE.map { " ± \(Self.spelled($0))" } ?? ""
      skipped.append(layer.layer)
      reasons.append(
        "Layer \(layer.layer): alr_ratio \(Self.spelled(ratio))\(error); "
          + causes.joined(separator: ", and ") + ".")
    }
    if reasons.isEmpty {
      if let largest = ratios.max(), let threshold {
        reasons.append(
          "No layer is skipped: the largest alr_ratio, \(Self.spelled(largest)), is not surely "
            + "above 1 and not above median + 3 * 1.4826 * MAD = \(Self.spelled(threshold)).")
      } else {
        reasons.append("No layer is skipped: alr_ratio is undefined in every layer.")
      }
    }
    self.init(layers: skipped, rule: Self.ratioRule, reasons: reasons)
  }

  /// `median + 3 * 1.4826 * MAD` of the layers' ratios; `nil` where none is defined.
  public static func standoutThreshold(_ layers: [LayerResult]) -> Double? {
    let ratios = layers.compactMap(\.alrRatio)
    return Statistics.median(ratios).flatMap { median in
      Statistics.median(ratios.map { abs($0 - median) }).map { median + 3 * 1.4826 * $0 }
    }
  }

  /// Why the first rule skips `layer`; empty where it does not.
  public static func causes(of layer: LayerResult, threshold: Double?) -> [Cause] {
    guard let ratio = layer.alrRatio else { return [] }
    var causes: [Cause] = []
    if let error = layer.alrRatioSE {
      if ratio - Self.intervalReach * error > 1 { causes.append(.worseThanChance) }
    } else if ratio > 1 {
      causes.append(.aboveOneWithoutInterval)
    }
    if let threshold, ratio > threshold { causes.append(.standsOut) }
    return causes
  }

  /// Whether at least half of the layers are no better than chance, as their ratios stand.
  public static func isMostlyChance(_ layers: [LayerResult]) -> Bool {
    Statistics.median(layers.compactMap(\.alrRatio)).map { $0 >= 1 } ?? false
  }

  private static func spelled(_ value: Double) -> String { String(format: "%.4f", value) }
}
