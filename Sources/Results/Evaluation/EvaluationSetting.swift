import ModelFiles

/// How caches were compressed in one setting of an evaluation's grid.
public struct EvaluationSetting: Sendable, Equatable {
  /// As `--policy` spells it; `nil` where nothing was compressed.
  public var policy: String?
  /// The share that stays when a head is pruned; `nil` where a plan or `maxCache` alone says it.
  public var keepRatio: Double?
  /// Positions that a head holds at most.
  public var maxCache: Int?
  /// Positions that a head holds when it is first pruned.
  public var pruneAfter: Int
  /// Layers that keep everything, ascending.
  public var skipLayers: [Int]
  /// As `--positions` spells it.
  public var positions: String
  public var seed: Int
  /// The plan that gives each head its share: its name and fingerprint.
  public var plan: String?

  /// Nothing is compressed.
  public static let uncompressed = EvaluationSetting(
    policy: nil, keepRatio: nil, maxCache: nil, pruneAfter: 0, skipLayers: [], positions: "true",
    seed: 0, plan: nil)

  public init(
    policy: String?, keepRatio: Double?, maxCache: Int?, pruneAfter: Int, skipLayers: [Int],
    positions: String, seed: Int, plan: String?
  ) {
    self.policy = policy
    self.keepRatio = keepRatio
    self.maxCache = maxCache
    self.pruneAfter = pruneAfter
    self.skipLayers = skipLayers
    self.positions = positions
    self.seed = seed
    self.plan = plan
  }

  /// Short, for legends and tables: `keep-low 0.5, cache 1000, skips 0,1`.
  public var label: String { labelParts.joined(separator: ", ") }

  /// What `label` says, the policy and its share first.
  public var labelParts: [String] {
    guard let policy else { return ["no compression"] }
    var parts = [policy + (keepRatio.map { " \($0)" } ?? "")]
    if let maxCache { parts.append("cache \(maxCache)") }
    if maxCache == nil, pruneAfter > 0 { parts.append("from \(pruneAfter)") }
    if let plan { parts.append("plan \(plan)") }
    if plan == nil {
      let skipped = NumberRanges.text(skipLayers).replacing(", ", with: ",")
      parts.append(skipLayers.isEmpty ? "skips none" : "skips \(skipped)")
    }
    if positions != "true" { parts.append("positions \(positions)") }
    return parts
  }

  /// Every field in one line: equal for equal settings.
  public var key: String { JSONWriter.string(of: json, style: .compact) }

  var json: JSONValue {
    [
      "policy": policy.map(JSONValue.string) ?? .null,
      "keep_ratio": .double(keepRatio),
      "max_cache": JSONValue(maxCache),
      "prune_after": .int(pruneAfter),
      "skip_layers": .array(skipLayers.map(JSONValue.int)),
      "positions": .string(positions),
      "seed": .int(seed),
      "plan": plan.map(JSONValue.string) ?? .null,
    ]
  }

  init(_ field: ResultField) throws(ResultsFolderProblem) {
    var layers: [Int] = []
    for element in try field.member("skip_layers").elements() {
      guard let layer = element.node.int, layer >= 0 else {
        throw .wrongType(field: element.path, expected: "a layer")
      }
      layers.append(layer)
    }
    self.init(
      policy: try field.optionalString("policy"), keepRatio: try field.double("keep_ratio"),
      maxCache: try field.optionalCount("max_cache", 1...),
      pruneAfter: try field.count("prune_after", 0...), skipLayers: layers,
      positions: try field.string("positions"), seed: try field.count("seed", 0...),
      plan: try field.optionalString("plan"))
  }
}
