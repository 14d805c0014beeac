import Compression
import Inference
import Results
import Tokenization

/// Plans and what they have to be compared with: no compression, the same share everywhere, and the
/// paper's skipped layers, all keeping as many positions.
struct PlanComparison {
  /// Nothing compressed first; then for each plan what has its memory, and the plan.
  private(set) var settings: [CompressionOptions.Setting] = [(.uncompressed, .none())]
  /// The share of the positions that count that each setting keeps.
  private(set) var keptShares = [1.0]
  /// Which settings are set against which.
  private(set) var pairs: [(setting: Int, against: Int)] = []
  /// What could not be compared, and why.
  private(set) var notes: [String] = []

  /// The layers that the paper leaves alone.
  static let usualSkips: Set<Int> = [0, 1]

  /// Losses of each setting by chunk as differences.
  ///
  /// - Parameter scores: of each setting.
  func comparisons(_ losses: [[Double]]) -> [Evaluation.Comparison] {
    pairs.map { Evaluation.Comparison(losses, setting: $0.setting, against: $0.against) }
  }

  /// The index of a setting, which is added where it is not there yet.
  private mutating func add(_ setting: CompressionOptions.Setting, keeping share: Double) -> Int {
    if let index = settings.firstIndex(where: { $0.setting == setting.setting }) { return index }
    settings.append(setting)
    keptShares.append(share)
    return settings.count - 1
  }

  private mutating func pair(_ setting: Int, against others: [Int?]) {
    for case let other? in others
    where other != setting && !pairs.contains(where: { $0 == (setting, other) }) {
      pairs.append((setting, other))
    }
  }

  /// Adds a plan and what has its memory.
  ///
  /// - Parameters:
  ///   - usual: what all settings share.
  ///   - spec: of the model.
  /// - Throws: `PlanRefusal` where the plan drops nothing.
  mutating func add(
    _ plan: CompressionPlan, named name: String, path: String, policy: any Policy,
    usual: (pruneAfter: Int, positions: CompressionRule.Positions, seed: Int),
    spec: ArchitectureSpec
  ) throws(PlanRefusal) {
    let memory = EqualMemory(
      keepRatios: plan.keepRatios, spec: spec, promptLength: usual.pruneAfter)
    guard memory.keptShare < 1 else { throw .keepsEverything(path: path) }
    func setting(
      _ ratios: [[Double]], ratio: Double?, skipping layers: some Sequence<Int>, plan name: String?
    ) -> CompressionOptions.Setting {
      (
        EvaluationSetting(
          policy: plan.score, keepRatio: ratio, maxCache: nil, pruneAfter: usual.pruneAfter,
          skipLayers: layers.sorted(), positions: usual.positions.rawValue, seed: usual.seed,
          plan: name),
        CompressionRule(
          policy: policy, budget: .ratios(ratios), pruneAfter: usual.pruneAfter,
          positions: usual.positions, isOnce: true)
      )
    }
    func index(of even: EqualMemory.Even?) -> Int? {
      guard let even else { return nil }
      let ratios = memory.keepRatios(of: even)
      return add(
        setting(ratios, ratio: even.keepRatio, skipping: even.skippedLayers, plan: nil),
        keeping: memory.keptShare(of: ratios))
    }
    let even = memory.even(skipping: [])
    let uniform = index(of: even)
    let skipping = memory.even(skipping: Self.usualSkips)
    var skips: Int?
    if skipping == nil {
      notes.append(
        "\(name): with layers 0 and 1 whole nothing is left for the others at that memory, so the "
          + "paper's default is left out")
    } else if skipping?.skippedLayers == even?.skippedLayers {
      notes.append(
        "\(name): layers 0 and 1 slide over a window and keep all anyway, so the paper's default is "
          + "the same share everywhere")
    } else {
      skips = index(of: skipping)
    }
    let own = add(
      setting(plan.keepRatios, ratio: nil, skipping: plan.skippedLayers, plan: name),
      keeping: memory.keptShare)
    if let uniform { pair(uniform, against: [0]) }
    if let skips { pair(skips, against: [0, uniform]) }
    pair(own, against: [0, uniform, skips])
  }
}

extension CompressionOptions {
  /// Plans and what they are compared with.
  ///
  /// - Parameters:
  ///   - paths: of plans.
  ///   - pruneAfter: tokens of a chunk after which its cache is compressed.
  /// - Throws: `PlanRefusal`, `ResultsFolderError`.
  func comparison(
    of paths: [String], for spec: ArchitectureSpec, pruneAfter: Int,
    tokenizer: () throws -> Tokenizer, fingerprint: String
  ) throws -> PlanComparison {
    var comparison = PlanComparison()
    for path in paths {
      let (name, plan) = try read(path, spec, fingerprint)
      let options = try policyOptions([plan.score], tokenizer: tokenizer)
      guard let policy = Policies.named(plan.score, options) else {
        throw PlanRefusal.unknownScore(path: path, score: plan.score)
      }
      try Self.check(policy, named: plan.score, positions: positions.first ?? .true)
      try comparison.add(
        plan, named: name, path: path, policy: policy,
        usual: (pruneAfter, positions.first ?? .true, seed), spec: spec)
    }
    return comparison
  }
}
