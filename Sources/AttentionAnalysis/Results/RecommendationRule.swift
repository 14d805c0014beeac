import Foundation

extension Recommendation {
  /// The first rule, in words.
  public static let ratioRule =
    "skip a layer whose alr_ratio has its lower 95 % bound above 1, or lies above "
    + "median + 3 * 1.4826 * MAD of all layers"

  /// Layers to leave uncompressed by the first rule: those that dropping by key norm serves worse
  /// than chance, and those that stand out among the others.
  ///
  /// Layers whose ratio is undefined are neither skipped nor counted; without an error of the
  /// ratio (one chunk) only the second part applies.
  public init(skippingByRatioOf layers: [LayerResult]) {
    let ratios = layers.compactMap(\.alrRatio)
    let median = Statistics.median(ratios)
    let threshold = median.flatMap { median in
      Statistics.median(ratios.map { abs($0 - median) }).map { median + 3 * 1.4826 * $0 }
    }
    var skipped: [Int] = []
    var reasons: [String] = []
    for layer in layers {
      guard let ratio = layer.alrRatio else { continue }
      var causes: [String] = []
      if let error = layer.alrRatioSE, ratio - 1.96 * error > 1 {
        causes.append(
          "its lower 95 % bound \(Self.spelled(ratio - 1.96 * error)) is above 1: key norms do "
            + "worse than chance")
      }
      if let threshold, ratio > threshold {
        causes.append("it lies above median + 3 * 1.4826 * MAD = \(Self.spelled(threshold))")
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

  private static func spelled(_ value: Double) -> String { String(format: "%.4f", value) }
}
