/// What plans of every rule are predicted to cost, by the share of the cache that they save.
public struct PlanFrontier: Sendable, Equatable {
  /// One plan.
  public struct Entry: Sendable, Equatable {
    public var rule: String
    public var kind: CompressionPlan.Kind
    /// Share of the memory of the layers that may be compressed.
    public var saved: Double
    /// Whether it is the one that is recommended.
    public var isChosen: Bool
    public var predicted: PlanPrediction

    public init(
      rule: String, kind: CompressionPlan.Kind, saved: Double, isChosen: Bool,
      predicted: PlanPrediction
    ) {
      self.rule = rule
      self.kind = kind
      self.saved = saved
      self.isChosen = isChosen
      self.predicted = predicted
    }
  }

  public var model: ModelSummary
  public var objective: PlanObjective
  /// By share, then in the order of rules.
  public var entries: [Entry]

  public init(model: ModelSummary, objective: PlanObjective, entries: [Entry]) {
    self.model = model
    self.objective = objective
    self.entries = entries
  }

  /// The objective's predicted cost on chunks that the plan was not made on, else on its own.
  public func cost(of entry: Entry) -> Double? { entry.predicted[objective]?.fair }

  /// A tidy table, a row a plan.
  public var csv: String {
    let heading =
      "rule,kind,saved,chosen,"
      + PlanObjective.inFiles.map { "\($0.fieldName),\($0.fieldName)_others" }
      .joined(separator: ",")
    let rows = entries.map { entry in
      let numbers = PlanObjective.inFiles.flatMap { objective in
        let cost = entry.predicted[objective]
        return [cost?.madeOn, cost?.others].map { $0.map { "\($0)" } ?? "" }
      }
      return ([entry.rule, entry.kind.rawValue, "\(entry.saved)", "\(entry.isChosen)"] + numbers)
        .joined(separator: ",")
    }
    return ([heading] + rows).joined(separator: "\n") + "\n"
  }
}
