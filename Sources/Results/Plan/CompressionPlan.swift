import ModelFiles

/// What to compress of a model, and how far: the contents of `plan.json`.
public struct CompressionPlan: Sendable, Equatable {
  /// What a plan chooses.
  public enum Kind: String, Sendable, CaseIterable {
    /// Layers that keep everything; one share for the others.
    case skip
    /// A share for each layer.
    case layerRatios = "layer-ratios"
    /// A share for each KV head.
    case headBudgets = "head-budgets"
  }

  static let schema = "alr-plan/1"

  /// Name and version of the tool that made it.
  public var tool: String
  public var modelName: String
  /// The fingerprint of the one model that it is for.
  public var modelFingerprint: String
  /// The score that decides which positions stay.
  public var score: String
  public var kind: Kind
  /// Shares that stay, (layers, kv_heads); 1 where everything does.
  public var keepRatios: [[Double]]
  /// How it came about; `nil` where nobody says.
  public var origin: Origin?

  /// What a plan was made of, and what is expected of it.
  public struct Origin: Sendable, Equatable {
    /// SHA-256 of the result's `result.json`.
    public var source: String
    /// SHA-256 of the `lm.json` that said what single layers cost; `nil` where none did.
    public var sensitivitySource: String?
    public var rule: String
    public var objective: String
    /// Share of the memory of the layers that may be compressed.
    public var saved: Double
    public var predicted: PlanPrediction

    public init(
      source: String, sensitivitySource: String? = nil, rule: String, objective: String,
      saved: Double, predicted: PlanPrediction
    ) {
      self.source = source
      self.sensitivitySource = sensitivitySource
      self.rule = rule
      self.objective = objective
      self.saved = saved
      self.predicted = predicted
    }
  }

  public init(
    tool: String, modelName: String, modelFingerprint: String, score: String, kind: Kind,
    keepRatios: [[Double]], origin: Origin? = nil
  ) {
    self.tool = tool
    self.modelName = modelName
    self.modelFingerprint = modelFingerprint
    self.score = score
    self.kind = kind
    self.keepRatios = keepRatios
    self.origin = origin
  }

  /// SHA-256 of what decides which positions stay, in hexadecimal digits.
  public var fingerprint: String {
    let parts: JSONValue = [
      "score": .string(score),
      "keep_ratios": .array(keepRatios.map { .array($0.map { .double($0) }) }),
    ]
    var digest = SHA256()
    digest.update(JSONWriter.bytes(of: parts, style: .compact))
    return digest.finalize()
  }

  /// The share that each layer keeps: its heads' own where they agree, else their mean.
  public var layerRatios: [Double] {
    keepRatios.map { ratios in
      guard let first = ratios.first, ratios.contains(where: { $0 != first }) else {
        return ratios.first ?? 1
      }
      // A mean has no more digits than what it is of.
      return (ratios.reduce(0, +) / Double(ratios.count) * 1e6).rounded() / 1e6
    }
  }

  /// Layers that keep everything.
  public var skippedLayers: [Int] {
    keepRatios.indices.filter { keepRatios[$0].allSatisfy { $0 == 1 } }
  }

  /// Reads `plan.json`.
  ///
  /// - Parameter kvHeads: of each layer of the model that it is to be for.
  /// - Throws: `ResultsFolderError` naming the file, the field and the broken rule.
  public init(contentsOf path: String, kvHeads: Int) throws(ResultsFolderError) {
    do throws(ResultsFolderProblem) {
      try self.init(ResultsFolder.document(path), kvHeads: kvHeads)
    } catch {
      throw ResultsFolderError(path: path, problem: error)
    }
  }

  private init(_ document: JSONDocument, kvHeads: Int) throws(ResultsFolderProblem) {
    let root = ResultField(document.root, path: "result")
    guard document.root.kind == .object else {
      throw .wrongType(field: "plan", expected: "an object")
    }
    guard let found = document.root["schema"]?.string else { throw .missingField("schema") }
    guard found.utf8.elementsEqual(Self.schema.utf8) else {
      throw .wrongSchema("\"\(found.prefix(40))\"", expected: Self.schema)
    }
    guard let kind = Kind(rawValue: try root.string("kind")) else {
      throw .wrongType(
        field: "kind",
        expected: "one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let model = try root.member("model")
    var ratios: [[Double]] = []
    for (layer, row) in try root.member("layers").elements().enumerated() {
      try row.expect("layer", layer)
      var heads = [Double](repeating: try Self.ratio(row), count: kvHeads)
      if kind == .headBudgets, row.node["kv_heads"] != nil {
        let rows = try row.member("kv_heads").rows(1, kvHeads)
        for (kvHead, head) in rows.enumerated() {
          try head.expect("kv_head", kvHead)
          heads[kvHead] = try Self.ratio(head)
        }
      }
      ratios.append(heads)
    }
    self.init(
      tool: try root.string("tool"), modelName: try model.string("name"),
      modelFingerprint: try model.string("fingerprint"), score: try root.string("score"),
      kind: kind, keepRatios: ratios)
  }

  private static func ratio(_ row: ResultField) throws(ResultsFolderProblem) -> Double {
    guard let ratio = try row.double("keep_ratio"), ratio > 0, ratio <= 1 else {
      throw .wrongType(field: "\(row.path).keep_ratio", expected: "above 0 and at most 1")
    }
    return ratio
  }
}
