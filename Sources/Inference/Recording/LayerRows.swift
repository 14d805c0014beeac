/// What a layer's attention is added to, of the rows at the query positions that a recorder asks for;
/// handed over when the layer's attention is done.
public struct LayerRows: Sendable {
  public struct Row: Sendable {
    /// Index of the sequence in the whole run.
    public let sequence: Int
    public let position: Int
    /// Squared length of the residual stream that enters the layer.
    public let residual: Double
    /// What multiplies the squared length of a change of attention's output: 1, or one over the mean
    /// square of that output where a norm stands behind it.
    public var branchFactor: Double
  }

  public let layer: Int
  /// By sequence, then position.
  public internal(set) var rows: [Row]
}
