/// A measure under the name that files give it: what is written and what is read goes through
/// `all`.
struct MeasureField: Sendable {
  /// In `result.json` and the CSV tables.
  let name: String
  let value: WritableKeyPath<Measures, Double?> & Sendable

  private init(_ name: String, _ value: WritableKeyPath<Measures, Double?> & Sendable) {
    (self.name, self.value) = (name, value)
  }

  /// In the order of the files.
  static let all = [
    MeasureField("alr", \.alr),
    MeasureField("alr_sd", \.alrSD),
    MeasureField("alr_se", \.alrSE),
    MeasureField("alr_normalized", \.alrNormalized),
    MeasureField("random_alr", \.randomALR),
    MeasureField("alr_ratio", \.alrRatio),
    MeasureField("alr_ratio_se", \.alrRatioSE),
    MeasureField("spearman", \.spearman),
  ]
}
