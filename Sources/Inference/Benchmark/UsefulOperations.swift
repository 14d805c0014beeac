extension ArchitectureSpec {
  /// Floating-point operations that a pass over one chunk cannot do without.
  ///
  /// 2 · parameters of the matrices used · tokens, and causal attention: n(n + 1) / 2 pairs a head
  /// with 4 · headDim operations each. Of the last layer only what is recorded counts: its keys,
  /// and for each recorded row a query and its scores.
  /// - Parameter recordedRows: positions of the queries that are recorded.
  public func usefulOperations(length: Int, recordedRows: [Int]) -> Double {
    let tokens = Double(length)
    let hidden = Double(hiddenSize)
    let queries = Double(headCount * headDim)
    let keys = Double(kvHeadCount * headDim)
    let projections = hidden * (2 * queries + 2 * keys)
    let feedForward = 3 * hidden * Double(intermediateSize)
    let pairs = tokens * (tokens + 1) / 2
    let layer = 2 * tokens * (projections + feedForward) + pairs * 4 * queries
    let lastKeys = 2 * tokens * hidden * keys
    let lastRows = recordedRows.reduce(0.0) {
      $0 + 2 * hidden * queries + 2 * queries * Double($1 + 1)
    }
    return Double(layerCount - 1) * layer + lastKeys + lastRows
  }
}
