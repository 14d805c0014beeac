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

extension Activations {
  /// The residual stream of the rows at these positions, before anything is added to it.
  func residuals(layer: Int, at positions: Set<Int>) -> LayerRows {
    var rows: [LayerRows.Row] = []
    forEachActive(at: positions) { row, sequence, position in
      rows.append(
        LayerRows.Row(
          sequence: sequence, position: position,
          residual: squaredLength(of: hidden, row: row), branchFactor: 1))
    }
    return LayerRows(layer: layer, rows: rows)
  }

  /// Notes what a norm will divide the branch by.
  func noteBranch(_ rows: inout LayerRows?, at positions: Set<Int>) {
    var index = 0
    forEachActive(at: positions) { row, _, _ in
      rows?.rows[index].branchFactor = 1 / normedVariance(of: branch, row: row)
      index += 1
    }
  }

  private func forEachActive(
    at positions: Set<Int>, _ body: (_ row: Int, _ sequence: Int, _ position: Int) -> Void
  ) {
    for span in active.spans {
      for (offset, position) in span.positions.enumerated() where positions.contains(position) {
        body(span.firstRow + offset, span.sequence, position)
      }
    }
  }
}
