import Compression
import Inference
import Results
import Tokenization

/// How caches are compressed, as `evaluate` and `generate` are told: a grid where options are given
/// several times.
struct CompressionOptions: Sendable {
  /// When a cache is pruned.
  enum Timing: Sendable {
    /// After every token that makes it too long.
    case whileReading
    /// Once, between a prompt and its answer.
    case afterPrompt
  }

  /// What `--keep-ratio` says.
  enum Ratio: Sendable, Equatable {
    case share(Double)
    /// Exactly as many as `--max-cache` says.
    case exact

    init?(_ text: String) {
      if text == "exact" {
        self = .exact
      } else if let share = Double(text), share > 0, share <= 1 {
        self = .share(share)
      } else {
        return nil
      }
    }
  }

  /// Shares that stay of a layer that alone is compressed.
  private static let layerRatios = [0.75, 0.5, 0.3, 0.1].map(Ratio.share)
  /// What stays of a cache that has reached its size, as the paper's released code has it.
  static let usualRatio = 0.98
  /// The layers that the paper leaves alone.
  static let usualSkips = "0,1"
  /// Positions that any option may speak of.
  private static let largest = 1 << 30
  /// Where nothing is to be compressed.
  static let noPolicy = "none"

  let timing: Timing
  private let policies: [String]
  private var ratios: [Ratio]
  private let caches: [Int]
  private let pruneAfter: Int?
  private let skips: [String]
  let positions: [CompressionRule.Positions]
  let seed: Int
  private let plan: String?
  private let firstTokens: Int
  private let countsSpacedMarks: Bool
  private let forcesPlan: Bool
  /// Whether the grid begins with a cache that keeps everything.
  private let hasBaseline: Bool
  /// Whether a text's cache is pruned a single time.
  let isOnce: Bool
  /// Whether each layer is compressed alone.
  let isLayerByLayer: Bool
  /// Plans that are compared with other ways to have their memory.
  let comparedPlans: [String]

  init(_ arguments: ParsedArguments, timing: Timing) throws(UsageError) {
    self.timing = timing
    policies = arguments.list("policy")
    var ratios: [Ratio] = []
    for text in arguments.list("keep-ratio") {
      // Once behind a prompt, `--max-cache` alone is exact.
      guard let ratio = Ratio(text), timing == .whileReading || ratio != .exact else {
        throw .invalidValue(
          option: "keep-ratio", value: text,
          expected: "a share above 0 and at most 1"
            + (timing == .whileReading ? ", or exact" : ""))
      }
      ratios.append(ratio)
    }
    var caches: [Int] = []
    for text in arguments.list("max-cache") {
      guard let cache = NumberList.number(text), (1...Self.largest).contains(cache) else {
        throw .invalidValue(
          option: "max-cache", value: text, expected: "a whole number from 1 to \(Self.largest)")
      }
      caches.append(cache)
    }
    var positions: [CompressionRule.Positions] = []
    for text in arguments.list("positions") {
      positions.append(CompressionRule.Positions(rawValue: text) ?? .true)
    }
    pruneAfter = try arguments.wholeNumber("prune-after")
    seed = try arguments.wholeNumber("seed") ?? 0
    firstTokens =
      try arguments.integer("first-tokens", maximum: Self.largest) ?? PolicyOptions.usualFirstTokens
    self.ratios = ratios
    self.caches = caches
    self.positions = positions.isEmpty ? [.true] : positions
    skips = arguments.list("skip-layers")
    plan = arguments.value("plan")
    countsSpacedMarks = arguments.has("spaced-marks")
    forcesPlan = arguments.has("force")
    hasBaseline = !arguments.has("no-baseline")
    comparedPlans = arguments.list("compare-plan")
    isLayerByLayer = arguments.has("layer-by-layer")
    isOnce = arguments.has("prune-once") || !comparedPlans.isEmpty || isLayerByLayer
    if isLayerByLayer, self.ratios.isEmpty { self.ratios = Self.layerRatios }
    try Self.checkComparison(arguments)
    try Self.checkLayers(arguments)
    try checkCombination()
  }

  /// A comparison makes its own settings, of the plans' memory.
  private static func checkComparison(_ arguments: ParsedArguments) throws(UsageError) {
    guard arguments.has("compare-plan") else { return }
    let others = [
      "policy", "keep-ratio", "max-cache", "skip-layers", "plan", "no-baseline", "token-by-token",
    ]
    if let other = others.first(where: arguments.has) {
      throw .conflictingOptions("compare-plan", other)
    }
    let positions = arguments.list("positions")
    if positions.count > 1 {
      throw .invalidValue(
        option: "positions", value: positions.joined(separator: " and "),
        expected: "one of both with --compare-plan")
    }
  }

  /// Layers by themselves are compared with no compression.
  private static func checkLayers(_ arguments: ParsedArguments) throws(UsageError) {
    guard arguments.has("layer-by-layer") else { return }
    let others = ["compare-plan", "skip-layers", "max-cache", "plan", "no-baseline"]
    if let other = others.first(where: arguments.has) {
      throw .conflictingOptions("layer-by-layer", other)
    }
    for option in ["policy", "positions"] where arguments.list(option).count > 1 {
      throw .invalidValue(
        option: option, value: arguments.list(option).joined(separator: " and "),
        expected: "a single one with --layer-by-layer")
    }
    if arguments.list("policy") == [noPolicy] {
      throw .conflictingOptions("layer-by-layer", "policy \(noPolicy)")
    }
    if let ratio = arguments.list("keep-ratio").first(where: { Double($0).map { $0 >= 1 } ?? true })
    {
      throw .invalidValue(
        option: "keep-ratio", value: ratio, expected: "a share below 1 with --layer-by-layer")
    }
  }

  private func checkCombination() throws(UsageError) {
    if isOnce, !caches.isEmpty { throw .conflictingOptions("prune-once", "max-cache") }
    if !caches.isEmpty, pruneAfter != nil { throw .conflictingOptions("max-cache", "prune-after") }
    if plan != nil {
      if !ratios.isEmpty { throw .conflictingOptions("plan", "keep-ratio") }
      if !skips.isEmpty { throw .conflictingOptions("plan", "skip-layers") }
      if timing == .afterPrompt, !caches.isEmpty { throw .conflictingOptions("plan", "max-cache") }
    }
    if ratios.contains(.exact), caches.isEmpty {
      throw .missingOption("max-cache", neededBy: "keep-ratio exact")
    }
    if timing == .afterPrompt, !ratios.isEmpty, !caches.isEmpty {
      throw .conflictingOptions("keep-ratio", "max-cache")
    }
    let compresses = policies.isEmpty || policies.contains { $0 != Self.noPolicy }
    if compresses, ratios.isEmpty, caches.isEmpty, plan == nil {
      // A policy without a budget says nothing.
      if !policies.isEmpty {
        throw .noneOf(["keep-ratio", "max-cache", "plan"], command: "--policy")
      }
    }
  }

  /// What decides which positions stay beside the settings themselves.
  var facts: [Evaluation.Fact] {
    [
      .init(name: "first_tokens", value: "\(firstTokens)"),
      .init(name: "spaced_marks", value: countsSpacedMarks ? "yes" : "no"),
    ] + (isLayerByLayer ? [LayerSensitivity.fact] : [])
  }

  /// Whether anything is compressed at all.
  var compresses: Bool { !ratios.isEmpty || !caches.isEmpty || plan != nil }

  static func specs(_ timing: Timing) -> [OptionSpec] {
    let names = Policies.names + [noPolicy]
    let own: [OptionSpec] = [
      .choice(
        "policy", named: "POLICY", names, "what stays in the cache: see below",
        default: KeepLow.name
      ).repeatable,
      .value(
        "keep-ratio", "R",
        timing == .whileReading
          ? "share that stays when a cache is pruned, or exact: as many as --max-cache"
          : "share of the prompt's positions that stays",
        default: timing == .whileReading ? "\(usualRatio) with --max-cache" : nil
      ).repeatable,
      .value(
        "max-cache", "N",
        timing == .whileReading
          ? "prune a cache that has reached N positions" : "positions that stay at most"
      ).repeatable,
      .value(
        "prune-after", "N", "leave caches of fewer positions alone",
        default: timing == .whileReading
          ? "0, or --max-cache; pruned once, half of --length" : "0"),
      .value(
        "skip-layers", "LIST", "layers that keep everything, such as 0,1, or none",
        default: usualSkips
      ).repeatable,
      .choice(
        "positions",
        "by what the next token is rotated: its place in the text, or the length of layer 0's "
          + "cache, as the paper's code has it", default: CompressionRule.Positions.true
      ).repeatable,
      .value("seed", "S", "what random draws from", default: "0"),
      .value(
        "first-tokens", "N", "tokens that streaming keeps from the beginning",
        default: "\(PolicyOptions.usualFirstTokens)"),
      .flag("spaced-marks", "count punctuation that carries a space as fastgen's punctuation too"),
      .path("plan", "FILE", "a plan of shares by layer or KV head, in place of ratios and skips"),
    ]
    return own
  }

  /// What `evaluate lm` alone offers.
  static let onceSpecs: [OptionSpec] = [
    .flag(
      "prune-once",
      "prune a chunk's cache a single time, after --prune-after tokens, and let it grow from then on"
    ),
    .flag(
      "layer-by-layer",
      "compress each layer alone, pruned once: what each share of each costs, for plan "
        + "--sensitivity (shares that stay: 0.75, 0.5, 0.3, 0.1); windows are left alone"),
    .path(
      "compare-plan", "FILE",
      "compare a plan with no compression, the same share everywhere and layers 0,1 skipped, all of "
        + "its memory, pruned once and paired over chunks"
    ).repeatable,
  ]

  static let baselineSpec = OptionSpec.flag(
    "no-baseline", "leave out the setting that compresses nothing")

  /// What the names of policies stand for.
  static var glossary: CommandSpec.Glossary {
    CommandSpec.Glossary(
      title: "Policies",
      entries: Policies.rules.map { ($0.name, $0.summary) }
        + Policies.scores.map { ($0.name, $0.summary) }
        + [(noPolicy, "everything: no compression")])
  }
}

extension ParsedArguments {
  /// The value as a whole number from 0 on.
  func wholeNumber(_ option: String) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = NumberList.number(text), number <= 1 << 53 else {
      throw .invalidValue(
        option: option, value: text, expected: "a whole number from 0 to \(1 << 53)")
    }
    return number
  }
}

extension CompressionOptions {
  /// Tokens of a chunk after which its cache is pruned for the only time; `nil` where it is pruned
  /// again and again.
  ///
  /// - Parameter length: tokens of a chunk, BOS included.
  /// - Throws: `UsageError` where nothing would be read behind the pruning.
  func pruning(length: Int) throws(UsageError) -> Int? {
    guard isOnce else { return nil }
    guard length > 2 else {
      throw .invalidValue(
        option: "length", value: "\(length)",
        expected: "a whole number of at least 3 where a cache is pruned once")
    }
    let pruning = pruneAfter ?? length / 2
    guard (1...length - 2).contains(pruning) else {
      throw .invalidValue(
        option: "prune-after", value: "\(pruning)",
        expected: "from 1 to \(length - 2), so that something of --length \(length) is read behind")
    }
    return pruning
  }

  /// A setting and the rule that carries it out.
  typealias Setting = (setting: EvaluationSetting, rule: CompressionRule)

  /// The settings of the grid: the baseline, then by policy, share, size, skipped layers and
  /// positions.
  ///
  /// - Parameters:
  ///   - tokenizer: for policies that go by the kind of token.
  ///   - fingerprint: of the model, which a plan has to name.
  ///   - once: tokens after which a cache is pruned for the only time; `nil` where it is pruned
  ///     again and again.
  /// - Throws: `UsageError` for layers that are not there and caches that hold less than a policy
  ///   protects, `PlanRefusal`, `ResultsFolderError`.
  func grid(
    for spec: ArchitectureSpec, tokenizer: () throws -> Tokenizer, fingerprint: () -> String,
    once: Int? = nil
  ) throws -> [Setting] {
    var settings: [Setting] = []
    if hasBaseline || policies.contains(Self.noPolicy) || !compresses {
      settings.append((.uncompressed, .none()))
    }
    guard compresses else { return settings }
    let plan = try plan.map { try read($0, spec, fingerprint()) }
    let usual = plan?.plan.score ?? KeepLow.name
    let names = policies.isEmpty ? [usual] : policies.filter { $0 != Self.noPolicy }
    let options = try policyOptions(names, tokenizer: tokenizer)
    for name in names {
      guard let policy = Policies.named(name, options) else {
        throw PlanRefusal.unknownScore(path: self.plan ?? "", score: name)
      }
      for ratio in usualRatios {
        for cache in caches.isEmpty ? [nil] : caches.map(Optional.some) {
          for skipped in try skippedLayers(spec, plan?.plan) {
            for positions in positions {
              settings.append(
                try setting(
                  policy, named: name, ratio, cache, skipped, positions, plan, spec, once: once))
            }
          }
        }
      }
    }
    return settings
  }

  /// What the policies of these names go by.
  func policyOptions(
    _ names: [String], tokenizer: () throws -> Tokenizer
  ) throws -> PolicyOptions {
    var options = PolicyOptions(seed: UInt64(seed), firstTokens: firstTokens)
    if names.contains(FastGen.name) {
      options.readVocabulary(try tokenizer(), withSpaces: countsSpacedMarks)
    }
    return options
  }

  typealias NamedPlan = (name: String, plan: CompressionPlan)

  private var usualRatios: [Ratio?] {
    if plan != nil || (timing == .afterPrompt && ratios.isEmpty) { return [nil] }
    return ratios.isEmpty ? [.share(Self.usualRatio)] : ratios
  }

  /// What a plan is called: as its file, or as its folder where that is all that tells plans apart.
  private static func planName(_ path: String) -> String {
    let (folder, name) = ResultsPath.split(path)
    guard name == PlanFolder.usualName else { return name }
    let parent = ResultsPath.split(folder).name
    return [".", "..", "", "/"].contains(parent) ? name : "\(parent)/\(name)"
  }

  /// A plan for the model, under its name and the beginning of its fingerprint.
  func read(
    _ path: String, _ spec: ArchitectureSpec, _ fingerprint: String
  ) throws -> NamedPlan {
    let plan = try CompressionPlan(contentsOf: path, kvHeads: spec.kvHeadCount)
    if plan.modelFingerprint != fingerprint, !forcesPlan {
      throw PlanRefusal.otherModel(path: path, model: plan.modelName)
    }
    guard plan.keepRatios.count == spec.layerCount else {
      throw PlanRefusal.otherLayers(
        path: path, layers: plan.keepRatios.count, model: spec.layerCount)
    }
    let name = "\(Self.planName(path)) (\(plan.fingerprint.prefix(8)))"
    return (name, plan)
  }

  private func skippedLayers(
    _ spec: ArchitectureSpec, _ plan: CompressionPlan?
  ) throws(UsageError) -> [Set<Int>] {
    if let plan { return [Set(plan.skippedLayers)] }
    if isLayerByLayer {
      let all = Set(0..<spec.layerCount)
      // Windows are fixed memory, where there is anything else.
      let whole = spec.layers.indices.filter { spec.layers[$0].window == nil }
      return (whole.isEmpty ? all.sorted() : whole).map { all.subtracting([$0]) }
    }
    var sets: [Set<Int>] = []
    for text in skips.isEmpty ? [Self.usualSkips] : skips {
      if text == "none" {
        sets.append([])
      } else if skips.isEmpty, spec.layerCount <= 2 {
        // Of two layers or fewer the usual ones would be all.
        sets.append([])
      } else {
        sets.append(
          Set(try NumberList.indices(text, of: "skip-layers", below: spec.layerCount)))
      }
    }
    return sets
  }

  private func setting(
    _ policy: any Policy, named name: String, _ ratio: Ratio?, _ cache: Int?, _ skipped: Set<Int>,
    _ positions: CompressionRule.Positions, _ plan: NamedPlan?, _ spec: ArchitectureSpec,
    once: Int?
  ) throws(UsageError) -> Setting {
    var share: Double?
    var first = once ?? pruneAfter ?? 0
    let budget: CompressionRule.Budget
    if let plan {
      budget = .ratios(plan.plan.keepRatios)
      if let cache { first = cache }
    } else if case .share(let given)? = ratio {
      share = given
      budget = .ratio(
        given, layers: spec.layerCount, kvHeads: spec.kvHeadCount, skippedLayers: skipped)
      if let cache { first = cache }
    } else {
      let cache = cache ?? 1
      budget = .exactly(cache, skippedLayers: skipped)
      if timing == .whileReading { first = cache + 1 }
    }
    let rule = CompressionRule(
      policy: policy, budget: budget, pruneAfter: first, positions: positions, isOnce: once != nil)
    try Self.check(policy, named: name, positions: positions)
    try check(rule, policy: name, cache: cache, spec)
    let setting = EvaluationSetting(
      policy: name, keepRatio: share, maxCache: cache, pruneAfter: first,
      skipLayers: skipped.sorted(), positions: positions.rawValue, seed: seed, plan: plan?.name)
    return (setting, rule)
  }

  /// Keys that are rotated elsewhere than at their places mean nothing to some policies.
  static func check(
    _ policy: any Policy, named name: String, positions: CompressionRule.Positions
  ) throws(UsageError) {
    if policy.needsTruePositions, positions != .true {
      throw .conflictingOptions("policy \(name)", "positions \(positions.rawValue)")
    }
  }

  /// A cache that holds less than what its policy never drops would be another policy's.
  private func check(
    _ rule: CompressionRule, policy: String, cache: Int?, _ spec: ArchitectureSpec
  ) throws(UsageError) {
    let protected = rule.policy.protectedCount
    guard let cache, protected > 0 else { return }
    for layer in 0..<spec.layerCount {
      for kvHead in 0..<spec.kvHeadCount {
        let kept = rule.keptCount(
          of: max(cache, rule.pruneAfter), layer: layer, kvHead: kvHead)
        if kept < protected {
          throw .invalidValue(
            option: "max-cache", value: "\(cache)",
            expected: "enough for \(policy), which protects \(protected) positions")
        }
      }
    }
  }
}

/// Why a plan is not carried out.
enum PlanRefusal: Error, Equatable, CustomStringConvertible, ExitCoded {
  case otherModel(path: String, model: String)
  case otherLayers(path: String, layers: Int, model: Int)
  case unknownScore(path: String, score: String)
  /// There is nothing to compare.
  case keepsEverything(path: String)

  var exitCode: ExitCode { .badInput }

  var description: String {
    switch self {
    case .otherModel(let path, let model):
      "\(path): a plan for another model (\(model)); --force applies it all the same"
    case .otherLayers(let path, let layers, let model):
      "\(path): a plan for \(layers) layers, and the model has \(model)"
    case .unknownScore(let path, let score):
      "\(path): no policy is called '\(score)'; --policy names one"
    case .keepsEverything(let path):
      "\(path): a plan that drops nothing; there is nothing to compare"
    }
  }
}
