import ModelFiles

extension Evaluation {
  /// One setting against another, paired over chunks: of each chunk the mean negative log
  /// likelihood of the tokens behind the compression.
  public struct Comparison: Sendable, Equatable {
    /// Index among `settings`.
    public var setting: Int
    /// Index among `settings` of what it is compared with.
    public var against: Int
    public var chunks: Int
    /// The mean difference over chunks, nats a token: positive where `setting` predicts worse.
    public var mean: Double?
    /// Its standard error; `nil` below two chunks.
    public var error: Double?
    /// Its 95 % interval by Student's t; `nil` below two chunks.
    public var low: Double?
    public var high: Double?
    /// The exponential of `mean`: how many times the other's perplexity the setting's is.
    public var perplexityRatio: Double?

    public init(
      setting: Int, against: Int, chunks: Int, mean: Double?, error: Double?, low: Double?,
      high: Double?, perplexityRatio: Double?
    ) {
      self.setting = setting
      self.against = against
      self.chunks = chunks
      self.mean = mean
      self.error = error
      self.low = low
      self.high = high
      self.perplexityRatio = perplexityRatio
    }

    /// Whether the interval leaves 0 out: the setting surely predicts worse, or better.
    public var isSure: Bool {
      guard let low, let high else { return false }
      return low > 0 || high < 0
    }

    var json: JSONValue {
      [
        "setting": .int(setting), "against": .int(against), "chunks": .int(chunks),
        "mean": .double(mean), "se": .double(error), "low": .double(low), "high": .double(high),
        "perplexity_ratio": .double(perplexityRatio),
      ]
    }

    /// Reads warily.
    ///
    /// - Parameters:
    ///   - settings: how many the evaluation has.
    ///   - chunks: of its corpus; `nil` where it has none.
    init(
      _ field: ResultField, settings: Int, chunks: Int?
    ) throws(ResultsFolderProblem) {
      let setting = try field.count("setting", 0..<settings)
      let against = try field.count("against", 0..<settings)
      if setting == against {
        throw .inconsistent(field: "\(field.path).against", expected: "another setting")
      }
      if let chunks { try field.expect("chunks", chunks) }
      self.init(
        setting: setting, against: against, chunks: try field.count("chunks", 1...),
        mean: try field.double("mean"), error: try field.double("se"),
        low: try field.double("low"), high: try field.double("high"),
        perplexityRatio: try field.double("perplexity_ratio"))
      if let error, error < 0 {
        throw .inconsistent(field: "\(field.path).se", expected: "0 or more")
      }
      if let perplexityRatio, perplexityRatio < 0 {
        throw .inconsistent(field: "\(field.path).perplexity_ratio", expected: "0 or more")
      }
      guard (low == nil) == (high == nil) else {
        throw .inconsistent(field: field.path, expected: "an interval with both ends or none")
      }
      if let low, let high {
        guard let mean, low <= mean, mean <= high else {
          throw .inconsistent(field: field.path, expected: "a mean within its interval")
        }
      }
    }
  }

  /// What is compared, as an RFC 4180 table: a row a comparison, both settings by index and name.
  public var comparisonsCSV: String {
    let header = [
      "setting", "setting_name", "against", "against_name", "chunks", "mean", "se", "low", "high",
      "perplexity_ratio",
    ]
    let rows = comparisons.map { row in
      [
        "\(row.setting)", settings[row.setting].label, "\(row.against)",
        settings[row.against].label, "\(row.chunks)",
      ] + [row.mean, row.error, row.low, row.high, row.perplexityRatio].map(Self.cell)
    }
    return Self.table([header] + rows)
  }
}
