extension ArchitectureSpec {
  /// Floating-point operations that a pass over one chunk cannot do without.
  ///
  /// 2 · parameters of the matrices used · tokens, and causal attention: 4 · headDim operations for
  /// each position that a query sees, in each query head. A row of a mixture goes through the
  /// experts it uses and the router. Of the last layer only what is recorded counts: its keys, and
  /// for each recorded row a query and its scores.
  /// - Parameter recordedRows: positions of the queries that are recorded.
  public func usefulOperations(length: Int, recordedRows: [Int]) -> Double {
    let tokens = Double(length)
    let hidden = Double(hiddenSize)
    let queries = Double(headCount * headDim)
    let keys = Double(kvHeadCount * headDim)
    let projections = hidden * (2 * queries + 2 * keys)
    let whole = layers.dropLast().reduce(attentionOperations(length: length)) { sum, layer in
      sum + 2 * tokens * (projections + feedForwardParameters(layer))
    }
    let window = layers.last?.window ?? .max
    let lastKeys = 2 * tokens * hidden * keys
    let lastRows = recordedRows.reduce(0.0) {
      $0 + 2 * hidden * queries + 2 * queries * Double(min($1 + 1, window))
    }
    return whole + lastKeys + lastRows
  }

  /// Of the useful operations those of attention; of the last layer none.
  func attentionOperations(length: Int) -> Double {
    let queries = Double(headCount * headDim)
    return layers.dropLast().reduce(0.0) {
      $0 + 4 * queries * $1.visiblePositions(length: length)
    }
  }

  /// Parameters of the matrices that one row of the feed-forward is multiplied by.
  private func feedForwardParameters(_ layer: LayerSpec) -> Double {
    let matrices: Double = isGated ? 3 : 2
    let hidden = Double(hiddenSize)
    guard layer.usesExperts, let experts else {
      return matrices * hidden * Double(intermediateSize)
    }
    let perExpert = matrices * hidden * Double(experts.intermediateSize)
    return Double(experts.usedCount) * perExpert + hidden * Double(experts.count)
  }
}

extension LayerSpec {
  /// Positions that the queries of `length` tokens see, itself included, all together.
  fileprivate func visiblePositions(length: Int) -> Double {
    let full = Double(min(length, window ?? length))
    return full * (full + 1) / 2 + (Double(length) - full) * full
  }
}
