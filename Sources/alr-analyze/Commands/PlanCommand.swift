import AttentionAnalysis
import Foundation
import ModelFiles
import Reporting
import Results

extension Command {
  /// `plan RESULTS`: what to compress, and how far.
  static let plan = Command(
    spec: CommandSpec(
      name: "plan",
      summary:
        "choose layers to skip and budgets per layer and KV head from the RESULTS of analyze",
      positionals: [PositionalSpec(name: "RESULTS", help: "a results folder")],
      options: PlanOptions.specs,
      glossary: CommandSpec.Glossary(
        title: "Rules", entries: PlanRules.all.map { ($0.name, $0.summary) }),
      examples: [
        "alr-analyze plan alr-results/SmolLM2-135M --save 50%",
        "alr-analyze plan alr-results/gpt2 --budget 512 --rule uniform --explain",
      ]),
    run: { arguments, console in
      try Planning(options: PlanOptions(arguments), console: console).run()
    })
}

/// What `plan` was asked to do.
struct PlanOptions: Sendable {
  /// Shares of the cache to save; empty for the whole frontier.
  var saves: [Double]
  /// Mean positions a KV head.
  var budget: Int?
  /// `nil`: the best that was measured.
  var objective: PlanObjective?
  /// `nil`: what was best where plans were measured.
  var rule: (any PlanRule.Type)?
  /// An evaluation's folder.
  var sensitivity: String?
  var compressesWindows: Bool
  var explains: Bool
  var folder: String?
  var force: Bool
  var json: Bool
  var results: String

  init(_ arguments: ParsedArguments) throws(UsageError) {
    results = arguments.positionals[0]
    saves = []
    for text in arguments.list("save") {
      let share = try Self.share(text)
      if !saves.contains(share) { saves.append(share) }
    }
    budget = try arguments.integer("budget")
    if let budget, budget < 1 {
      throw .invalidValue(option: "budget", value: "\(budget)", expected: "at least 1")
    }
    if budget != nil, !saves.isEmpty { throw .conflictingOptions("budget", "save") }
    objective = arguments.value("objective").flatMap(PlanObjective.init(rawValue:))
    rule = arguments.value("rule").flatMap(PlanRules.named)
    sensitivity = arguments.value("sensitivity")
    if sensitivity != nil, arguments.has("windowed") {
      // Windows are no layers that are compressed alone.
      throw .conflictingOptions("sensitivity", "windowed")
    }
    compressesWindows = arguments.has("windowed")
    explains = arguments.has("explain")
    folder = arguments.value("out")
    force = arguments.has("force")
    json = arguments.has("json")
  }

  /// `50%` or `0.5`.
  private static func share(_ text: String) throws(UsageError) -> Double {
    let isPercent = text.hasSuffix("%")
    let number = Double(isPercent ? text.dropLast() : text[...])
    guard let number, case let share = isPercent ? number / 100 : number, share > 0, share < 1
    else {
      throw .invalidValue(
        option: "save", value: text, expected: "a share between 0 and 1, such as 0.5 or 50%")
    }
    return share
  }

  static let specs: [OptionSpec] = [
    OptionSpec.value(
      "save", "SHARE", "share of the cache to save, such as 50%; sliding windows do not count",
      default: "10% to 90%"
    ).repeatable,
    .value("budget", "N", "the same as positions that a KV head keeps on average"),
    OptionSpec(
      name: "objective", valueName: PlanObjective.allCases.map(\.rawValue).joined(separator: "|"),
      choices: PlanObjective.allCases.map(\.rawValue),
      help: "what plans make small",
      defaultValue: "sensitivity where it is given, output-error where it was measured"),
    .path(
      "sensitivity", "DIR", "the results of evaluate lm --layer-by-layer, of the same model"),
    OptionSpec(
      name: "rule", valueName: "NAME", choices: PlanRules.all.map { $0.name },
      help: "whose plan is written, of those below",
      defaultValue:
        "layer-ratios by sensitivity, head-budgets by output error, else uniform"
    ),
    .flag("windowed", "compress layers with a sliding window too"),
    .flag("explain", "say why, in sentences"),
    .path("out", "DIR", "folder to write to", default: "RESULTS-plan"),
    .flag("force", "overwrite another plan, or write among other files"),
    .flag("json", "print the plans as JSON lines instead of tables"),
  ]
}

/// One run of `plan`.
private struct Planning {
  let options: PlanOptions
  let console: Console

  func run() throws {
    let source = ResultsPath(options.results)
    try source.check(needsResult: true)
    let result = try source.readResult()
    let sensitivity = try options.sensitivity.map(sensitivity)
    let costs = try PlanCosts(
      result, sensitivity: sensitivity?.0, compressesWindows: options.compressesWindows)
    let objective =
      options.objective
      ?? [.sensitivity, .outputError].first(where: costs.has) ?? .attentionLoss
    let search = try PlanSearch(costs, objective)
    warn(search, result)
    let saves = try shares(search)
    var plans: [(name: String, plan: CompressionPlan)] = []
    var entries: [PlanFrontier.Entry] = []
    // The frontier is whole, also where one share of it is wanted.
    for saved in Set(saves + Self.frontier(search)).sorted() {
      let isAsked = saves.contains(saved)
      let chosenRule = options.rule ?? objective.usualRule
      let proposals = try search.proposals(saving: saved)
      entries += proposals.map {
        PlanFrontier.Entry(
          rule: $0.rule.name, kind: $0.rule.kind, saved: saved,
          isChosen: isAsked && $0.rule.name == chosenRule.name, predicted: $0.predicted)
      }
      guard isAsked else { continue }
      guard let chosen = proposals.first(where: { $0.rule.name == chosenRule.name }) else {
        throw RuleRefusal(rule: chosenRule.name, saved: saved)
      }
      let name = saves.count == 1 ? PlanFolder.usualName : "plan-\(Self.percent(saved)).json"
      plans.append((name, plan(chosen, saved: saved, objective, result, sensitivity?.source)))
    }
    let frontier = PlanFrontier(
      model: result.model, objective: objective, entries: entries)
    let explanation = PlanExplanation(search: search, result: result).text(plans.map(\.plan))
    let folder = PlanFolder(options.folder ?? "\(source.path)-plan")
    try folder.write(
      plans, frontier,
      attachments: FrontierFigure.files(frontier)
        + [
          .init(name: "plan.txt", bytes: Array((explanation + "\n").utf8)),
          .init(
            name: "report.html",
            bytes: Array(
              PlanReport.document(plans, frontier, explanation: explanation).utf8)),
        ]
        + plans.flatMap { entry in
          PlanSnippets.files(
            entry.plan,
            prefix: plans.count == 1 ? "" : entry.name.replacingOccurrences(of: ".json", with: "-"))
        }, force: options.force)
    if options.json {
      for entry in plans { try console.print(String(entry.plan.json.dropLast())) }
      return
    }
    let style = console.outputTerminal.style
    try console.print(PlanTable.render(frontier, saving: saves, style: style))
    if options.explains { try console.print("\n\(explanation)") }
    let names = plans.count == 1 ? "plan.json" : "\(plans.count) plans"
    if options.sensitivity == nil {
      try console.print(
        "\nPlans by sensitivity kept more where they were compared: alr-analyze evaluate lm MODEL "
          + "CORPUS --layer-by-layer --out ALONE, then plan --sensitivity ALONE")
    }
    try console.print(
      "\nPlan: \(names) in \(Console.line(folder.path)); prove it with alr-analyze evaluate lm MODEL "
        + "CORPUS --compare-plan \(Console.line(folder.path))/\(plans[plans.count / 2].name)")
  }

  /// What an evaluation says of single layers.
  private func sensitivity(_ given: String) throws -> (LayerSensitivity, source: String) {
    let source = ResultsPath(given)
    guard let folder = source.evaluation else {
      try source.check(needsResult: false)
      throw PlanError.noLayerAlone
    }
    let evaluation = try folder.read()
    guard let sensitivity = LayerSensitivity(evaluation) else { throw PlanError.noLayerAlone }
    return (sensitivity, Self.digest(evaluation.json))
  }

  private static func digest(_ text: String) -> String {
    var digest = SHA256()
    digest.update(Array(text.utf8))
    return digest.finalize()
  }

  private func warn(_ search: PlanSearch, _ result: AnalysisResult) {
    if search.checking.isEmpty {
      console.warn(
        "one chunk, or chunks of one fold: how far predictions may be off, and whether other text "
          + "says the same, cannot be said; measure 8 chunks or more")
    }
    if search.objective == .attentionLoss, !search.costs.has(.outputError) {
      console.warn(
        "attention loss is no currency between layers: budgets made of it can be worse than one "
          + "share for all; --sensitivity, else analyze --output-error, makes better plans")
    }
  }

  private func shares(_ search: PlanSearch) throws -> [Double] {
    if let budget = options.budget { return [try search.saving(budget: budget)] }
    if !options.saves.isEmpty { return options.saves }
    return Self.frontier(search)
  }

  private static func frontier(_ search: PlanSearch) -> [Double] {
    (1...9).map { Double($0) / 10 }.filter { $0 <= search.largestSaving }
  }

  private func plan(
    _ proposal: PlanSearch.Proposal, saved: Double, _ objective: PlanObjective,
    _ result: AnalysisResult, _ sensitivitySource: String?
  ) -> CompressionPlan {
    CompressionPlan(
      tool: toolVersion, modelName: result.model.name, modelFingerprint: result.model.fingerprint,
      score: result.protocolSummary.score, kind: proposal.rule.kind,
      keepRatios: proposal.keepRatios,
      origin: .init(
        source: Self.digest(result.json), sensitivitySource: sensitivitySource,
        rule: proposal.rule.name, objective: objective.rawValue,
        saved: saved, predicted: proposal.predicted))
  }

  static func percent(_ share: Double) -> String {
    // As many digits as tell shares apart that people write.
    let percent = (share * 1e10).rounded() / 1e8
    return percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
  }
}

/// A rule that cannot save so much.
struct RuleRefusal: ExitCoded, CustomStringConvertible {
  let rule: String
  let saved: Double

  var exitCode: ExitCode { .badInput }

  var description: String {
    "\(rule) cannot save \(Planning.percent(saved)) % of the cache: what it leaves alone is more "
      + "than the rest can give up"
  }
}

extension PlanError: ExitCoded {
  var exitCode: ExitCode { .badInput }
}
