import Results

/// Means and standard errors over chunks of what single layers cost, (layers, shares).
struct LayerRises {
  var means: [[Double]]
  var errors: [[Double?]]
  var hasErrors: Bool { errors.joined().contains { $0 != nil } }

  init(_ sensitivity: LayerSensitivity) {
    let rises = sensitivity.layers.indices.map { layer in
      sensitivity.droppedShares.indices.map { sensitivity.rises(layer: layer, share: $0) }
    }
    means = rises.map { $0.map { $0.reduce(0, +) / Double($0.count) } }
    errors = zip(rises, means).map { rises, means in
      zip(rises, means).map { values, mean in
        guard values.count > 1 else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
        return error.isFinite ? error : nil
      }
    }
  }

  /// 50 %, or 12.5 %.
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return "\(Int(exactly: tenths).map(String.init) ?? "\(tenths)") %"
  }
}
