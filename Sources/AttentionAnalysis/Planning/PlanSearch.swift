import Results

/// Plans of every rule at the same memory, made on some chunks of a result and held against others.
public struct PlanSearch: Sendable {
  /// A plan and what it is predicted to cost.
  public struct Proposal: Sendable {
    public let rule: any PlanRule.Type
    /// Shares that stay, (layers, kv_heads).
    public let keepRatios: [[Double]]
    public let predicted: PlanPrediction
  }

  public let costs: PlanCosts
  public let objective: PlanObjective
  /// Folds that plans are made on, and those that they are held against: none where all chunks are
  /// in one fold.
  public let making: [Int]
  public let checking: [Int]

  /// - Throws: `PlanError.notMeasured`.
  public init(_ costs: PlanCosts, _ objective: PlanObjective) throws(PlanError) {
    guard costs.has(objective) else { throw .notMeasured(objective) }
    self.costs = costs
    self.objective = objective
    let folds = costs.folds(of: objective)
    (making, checking) = Self.halves(folds)
  }

  /// Alternately, so that both halves come from all of the text.
  private static func halves(_ folds: [Int]) -> (making: [Int], checking: [Int]) {
    func half(_ remainder: Int) -> [Int] {
      folds.enumerated().filter { $0.offset % 2 == remainder }.map(\.element)
    }
    return (half(0), half(1))
  }

  /// The largest share that can be saved.
  public var largestSaving: Double {
    PlanProblem.largestShare
  }

  /// The share that a mean budget of positions a KV head saves.
  ///
  /// - Throws: `PlanError.budgetTooLarge`.
  public func saving(budget: Int) throws(PlanError) -> Double {
    let mean = costs.droppablePositions / Double(costs.heads.count)
    guard Double(budget) < mean else { throw .budgetTooLarge(positions: budget, cached: mean) }
    return 1 - Double(budget) / mean
  }

  /// A proposal of each rule that can save so much.
  ///
  /// - Parameter saved: share of the memory of the layers that may be compressed, above 0.
  /// - Throws: `PlanError.savesTooMuch`.
  public func proposals(saving saved: Double) throws(PlanError) -> [Proposal] {
    guard saved <= largestSaving else {
      throw .savesTooMuch(asked: saved, most: largestSaving)
    }
    let problem = problem(saving: saved, folds: making)
    return PlanRules.all.compactMap { rule in
      guard let shares = rule.init().shares(problem) else { return nil }
      return Proposal(
        rule: rule, keepRatios: keepRatios(shares), predicted: predict(shares))
    }
  }

  private func problem(saving saved: Double, folds: [Int]) -> PlanProblem {
    PlanProblem(costs, objective, folds: folds, dropped: saved * costs.droppablePositions)
  }

  private func keepRatios(_ shares: [Double]) -> [[Double]] {
    var ratios = [[Double]](
      repeating: [Double](repeating: 1, count: costs.kvHeads), count: costs.layers)
    for (head, share) in zip(costs.heads, shares) {
      // No more digits than mean something.
      ratios[head.layer][head.kvHead] = ((1 - share) * 1e6).rounded() / 1e6
    }
    return ratios
  }

  private func predict(_ shares: [Double]) -> PlanPrediction {
    var prediction = PlanPrediction()
    for objective in PlanObjective.allCases where costs.has(objective) {
      let (making, checking) = Self.halves(costs.folds(of: objective))
      func cost(_ folds: [Int]) -> Double {
        Allocation.cost(costs.curves(objective, folds: folds), shares)
          / (objective == .attentionLoss ? Double(costs.heads.count) : 1)
      }
      prediction[objective] = PlanPrediction.Cost(
        madeOn: cost(making), others: checking.isEmpty ? nil : cost(checking))
    }
    return prediction
  }

  /// How often each layer is skipped when chunks are drawn anew, by folds.
  ///
  /// - Returns: a share of the draws for each layer; `nil` where fewer than two folds have chunks.
  public func skipFrequencies(saving saved: Double, draws: Int = 200) -> [Double]? {
    let folds = costs.folds(of: objective)
    guard folds.count > 1 else { return nil }
    var lots = SplitMix64(seed: 23)
    var counts = [Int](repeating: 0, count: costs.layers)
    for _ in 0..<draws {
      let drawn = folds.map { _ in folds[Int.random(in: folds.indices, using: &lots)] }
      let skipped = ChosenSkips().skipped(problem(saving: saved, folds: drawn))
      for layer in skipped { counts[layer] += 1 }
    }
    return counts.map { Double($0) / Double(draws) }
  }
}
