// What a recorder is told of the stream that a layer's attention is added to.

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
