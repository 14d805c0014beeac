/// What a plan is predicted to cost by each objective that was measured.
///
/// Attention loss is the mean over KV heads of the attention that dropped positions would have had;
/// output error the sum over KV heads of the relative output errors; sensitivity the sum over layers
/// of the rises of negative log likelihood, nats a token.
public struct PlanPrediction: Sendable, Equatable {
  /// By one objective.
  public struct Cost: Sendable, Equatable {
    /// On the chunks that the plan was made on.
    public var madeOn: Double
    /// On other chunks; `nil` where there are none.
    public var others: Double?

    public init(madeOn: Double, others: Double?) {
      self.madeOn = madeOn
      self.others = others
    }

    /// On chunks that the plan was not made on, else on its own.
    public var fair: Double { others ?? madeOn }
  }

  private var costs: [PlanObjective: Cost]

  public init(_ costs: [PlanObjective: Cost] = [:]) { self.costs = costs }

  /// `nil` where that was not measured.
  public subscript(objective: PlanObjective) -> Cost? {
    get { costs[objective] }
    set { costs[objective] = newValue }
  }
}
