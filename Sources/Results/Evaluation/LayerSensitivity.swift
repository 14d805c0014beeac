/// What compressing one layer alone costs: the rise of the negative log likelihood behind the
/// compression, by layer and share dropped, of an evaluation with settings that leave all other
/// layers whole.
public struct LayerSensitivity: Sendable, Equatable {
  /// As `--policy` spells it.
  public let policy: String
  public let model: ModelSummary
  /// Layers that were compressed alone, ascending.
  public let layers: [Int]
  /// Shares of the positions dropped, ascending.
  public let droppedShares: [Double]
  public let chunks: Int
  /// Rises in nats a token, (layers, shares, chunks).
  private let rises: [[[Double]]]

  /// The fact of a protocol that says that each layer is compressed alone.
  public static let fact = Evaluation.Fact(name: "layers", value: "alone")

  /// Whether an evaluation compressed each layer alone, whatever came of it.
  public static func isMeasured(by evaluation: Evaluation) -> Bool {
    evaluation.protocolFacts.contains(fact)
  }

  /// Takes the settings that compress one layer alone: layers that lack a share that the first of
  /// them has are left out.
  ///
  /// - Returns: `nil` where the evaluation was not made for it, where there are no such settings,
  ///   nothing to compare them with, or no likelihoods.
  public init?(_ evaluation: Evaluation) {
    let settings = evaluation.settings
    let count = evaluation.model.layers
    guard Self.isMeasured(by: evaluation), let tokens = evaluation.tokens,
      tokens.settings == settings.count, tokens.chunks > 0,
      let baseline = settings.firstIndex(where: { $0.policy == nil }),
      let first = settings.first(where: { $0.loneLayer(of: count) != nil }),
      let policy = first.policy, first.pruneAfter < tokens.positions
    else { return nil }
    func losses(_ setting: Int) -> [Double] {
      (0..<tokens.chunks).map { chunk in
        let row = tokens.row(\.nll, setting: setting, chunk: chunk).dropFirst(first.pruneAfter)
        return row.reduce(0, +) / Double(row.count)
      }
    }
    let reference = losses(baseline)
    var found: [Int: [Double: [Double]]] = [:]
    for (index, setting) in settings.enumerated() {
      guard let layer = setting.loneLayer(of: count), let ratio = setting.keepRatio,
        ratio > 0, ratio < 1,
        setting.policy == policy, setting.pruneAfter == first.pruneAfter,
        setting.positions == first.positions, setting.seed == first.seed
      else { continue }
      found[layer, default: [:]][1 - ratio] = zip(losses(index), reference).map { $0 - $1 }
    }
    guard let shares = found.min(by: { $0.key < $1.key })?.value.keys.sorted() else { return nil }
    layers = found.keys.filter { layer in shares.allSatisfy { found[layer]?[$0] != nil } }.sorted()
    rises = layers.map { layer in shares.compactMap { found[layer]?[$0] } }
    droppedShares = shares
    chunks = tokens.chunks
    model = evaluation.model
    self.policy = policy
  }

  /// What results call that policy.
  public var score: String {
    ["keep-low": "key-norm", "keep-high": "key-norm-high"][policy] ?? policy
  }

  /// The rises of each chunk, nats a token.
  ///
  /// - Parameters:
  ///   - layer: its place in `layers`.
  ///   - share: its place in `droppedShares`.
  public func rises(layer: Int, share: Int) -> [Double] { rises[layer][share] }
}

extension EvaluationSetting {
  /// The only layer of so many that is compressed; `nil` where there are several or none, or where a
  /// plan says it.
  public func loneLayer(of layers: Int) -> Int? {
    // One short, before a set is made of a count that a file may have made up.
    guard policy != nil, plan == nil, maxCache == nil, skipLayers.count == layers - 1 else {
      return nil
    }
    let compressed = Set(0..<layers).subtracting(skipLayers)
    return compressed.count == 1 ? compressed.first : nil
  }
}
