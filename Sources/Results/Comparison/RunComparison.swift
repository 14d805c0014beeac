import ModelFiles

/// Two runs side by side: how their ratios differ, and whether they rank heads alike.
public struct RunComparison: Sendable, Equatable {
  /// One of the two.
  public struct Side: Sendable, Equatable {
    public var model: ModelSummary
    public var corpus: CorpusSummary
    public var protocolSummary: ProtocolSummary

    public init(_ result: AnalysisResult) {
      model = result.model
      corpus = result.corpus
      protocolSummary = result.protocolSummary
    }
  }

  /// Ratios of both at one place, and the second minus the first; `nil` where undefined.
  public struct Difference: Sendable, Equatable {
    /// `nil` for all layers together.
    public var layer: Int?
    public var first: Double?
    public var firstSE: Double?
    public var second: Double?
    public var secondSE: Double?
    public var difference: Double?
    public var differenceSE: Double?

    public init(
      layer: Int?, first: Double?, firstSE: Double?, second: Double?, secondSE: Double?,
      difference: Double?, differenceSE: Double?
    ) {
      self.layer = layer
      self.first = first
      self.firstSE = firstSE
      self.second = second
      self.secondSE = secondSE
      self.difference = difference
      self.differenceSE = differenceSE
    }
  }

  /// What the two do not have in common.
  public enum Limit: Sendable, Equatable, CustomStringConvertible {
    /// Layers cannot be set side by side, nor heads.
    case layers(Int, Int)
    /// Heads cannot; layers can.
    case heads(Int, Int)
    /// KV heads cannot; layers can.
    case kvHeads(Int, Int)
    /// Ratios are of different things.
    case fact(name: String, first: String, second: String)

    public var description: String {
      switch self {
      case .layers(let first, let second):
        "models of \(first) and \(second) layers: only their ratios over all layers are compared"
      case .heads(let first, let second):
        "models of \(first) and \(second) heads: layers are compared, heads are not"
      case .kvHeads(let first, let second):
        "models of \(first) and \(second) KV heads: layers are compared, KV heads are not"
      case .fact(let name, let first, let second):
        "\(name) differs: \(printable(first)) and \(printable(second))"
      }
    }
  }

  public var tool: String
  public var first: Side
  public var second: Side
  /// Whether both read the same chunks, so that errors are of differences chunk by chunk; otherwise
  /// the runs count as independent.
  public var isPaired: Bool
  public var overall: Difference
  /// Empty where the layers are not the same number.
  public var layers: [Difference]
  /// Rank correlation (Spearman) of the query heads' ratios; `nil` where their numbers differ.
  public var headsSpearman: Double?
  public var kvHeadsSpearman: Double?
  public var limits: [Limit]

  public init(
    tool: String, first: Side, second: Side, isPaired: Bool, overall: Difference,
    layers: [Difference], headsSpearman: Double?, kvHeadsSpearman: Double?, limits: [Limit]
  ) {
    self.tool = tool
    self.first = first
    self.second = second
    self.isPaired = isPaired
    self.overall = overall
    self.layers = layers
    self.headsSpearman = headsSpearman
    self.kvHeadsSpearman = kvHeadsSpearman
    self.limits = limits
  }

  /// As `compare --json` prints it.
  public var json: String {
    JSONWriter.string(of: [
      "schema": .string(ComparisonFormat.schema),
      "kind": "runs",
      "tool": .string(tool),
      "first": Self.json(first),
      "second": Self.json(second),
      "errors": .string(isPaired ? "paired" : "independent"),
      "overall": Self.json(overall),
      "layers": .array(layers.map(Self.json)),
      "heads_spearman": .double(headsSpearman),
      "kv_heads_spearman": .double(kvHeadsSpearman),
      "limits": .array(limits.map { .string("\($0)") }),
    ])
  }

  private static func json(_ side: Side) -> JSONValue {
    [
      "model": side.model.json, "corpus": side.corpus.json,
      "protocol": ComparisonFormat.json(side.protocolSummary),
      "score": .string(side.protocolSummary.score),
    ]
  }

  private static func json(_ row: Difference) -> JSONValue {
    .object(
      (row.layer.map { [.init("layer", .int($0))] } ?? []) + [
        .init("first", .double(row.first)),
        .init("first_se", .double(row.firstSE)),
        .init("second", .double(row.second)),
        .init("second_se", .double(row.secondSE)),
        .init("difference", .double(row.difference)),
        .init("difference_se", .double(row.differenceSE)),
      ])
  }
}
