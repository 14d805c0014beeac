import Results

/// What compressing a layer alone costs, by the share dropped: a rising curve through a few measured
/// points.
struct SensitivityCurve {
  /// Nats a token at equal shares from 0 to all.
  private let costs: [Double]
  private let positions: Double

  private static let greatest = 1e9
  /// Intervals of the curve; those of the curves of results.
  private static let intervals = errorPointCount - 1

  /// - Parameters:
  ///   - layer: one that was measured.
  ///   - folds: whose chunks count, as often as they are named.
  ///   - positions: that a head of the layer holds.
  init(of layer: Int, _ measured: LayerSensitivity, folds: [Int], positions: Double) {
    let place = measured.layers.firstIndex(of: layer) ?? 0
    let chunks = folds.flatMap { fold in
      stride(from: fold, to: measured.chunks, by: ResultArray.foldCount)
    }
    let means = measured.droppedShares.indices.map { share in
      let rises = measured.rises(layer: place, share: share)
      let mean = chunks.reduce(0) { $0 + rises[$1] } / Double(max(chunks.count, 1))
      // A model that says nothing any more costs more than anything that was measured.
      return mean.isFinite ? min(mean, Self.greatest) : Self.greatest
    }
    let points =
      [(share: 0.0, cost: 0.0)]
      + zip(measured.droppedShares, Self.rising(means)).map { (share: $0, cost: max($1, 0)) }
    costs = (0...Self.intervals).map {
      Self.value(at: Double($0) / Double(Self.intervals), points)
    }
    self.positions = positions
  }

  /// The rising sequence that is nearest in squares: neighbours that fall are averaged.
  static func rising(_ values: [Double]) -> [Double] {
    var blocks: [(sum: Double, count: Int)] = []
    for value in values {
      blocks.append((value, 1))
      while blocks.count > 1, case let last = blocks[blocks.count - 1],
        case let before = blocks[blocks.count - 2],
        before.sum / Double(before.count) > last.sum / Double(last.count)
      {
        blocks.removeLast(2)
        blocks.append((before.sum + last.sum, before.count + last.count))
      }
    }
    return blocks.flatMap { [Double](repeating: $0.sum / Double($0.count), count: $0.count) }
  }

  /// Between points a straight line, behind the last the line of the last two.
  private static func value(at share: Double, _ points: [(share: Double, cost: Double)]) -> Double {
    guard points.count > 1 else { return 0 }
    let right = points.firstIndex { $0.share >= share } ?? points.count - 1
    let (from, to) = (points[max(right, 1) - 1], points[max(right, 1)])
    let width = to.share - from.share
    return width > 0 ? from.cost + (to.cost - from.cost) * (share - from.share) / width : to.cost
  }

  /// A curve for each head of the layer.
  ///
  /// - Parameter shapes: curves of the heads whose sum says what share of the cost each has; empty
  ///   where all have the same.
  func shared(among heads: Int, as shapes: [CostCurve]) -> [CostCurve] {
    let total = CostCurve.sum(shapes)
    return (0..<heads).map { head in
      CostCurve(
        costs: costs.indices.map { point in
          let sum = shapes.isEmpty ? 0 : total.cost(at: point, of: costs.count)
          let share =
            sum > 0 ? shapes[head].cost(at: point, of: costs.count) / sum : 1 / Double(heads)
          return costs[point] * share
        }, positions: positions)
    }
  }
}

extension CostCurve {
  /// The cost at one of `count` equal shares from 0 to all.
  fileprivate func cost(at point: Int, of count: Int) -> Double {
    cost(dropping: Double(point) / Double(count - 1))
  }
}
