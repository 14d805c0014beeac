/// What dropping costs one owner of memory, a KV head or a whole layer, by how much of it is dropped.
///
/// Points lie at equal shares from 0 to all of `positions`; between them the cost is a straight line.
public struct CostCurve: Sendable, Equatable {
  /// Costs at 0, …, all positions dropped; at least two, the first 0.
  public let costs: [Double]
  /// Memory, in positions of KV heads.
  public let positions: Double

  public init(costs: [Double], positions: Double) {
    precondition(costs.count >= 2, "a curve has two ends")
    self.costs = costs
    self.positions = positions
  }

  /// The cost of dropping a share of the positions.
  ///
  /// - Parameter share: from 0 to 1.
  public func cost(dropping share: Double) -> Double {
    let place = min(max(share, 0), 1) * Double(costs.count - 1)
    let left = min(Int(place), costs.count - 2)
    return costs[left] + (costs[left + 1] - costs[left]) * (place - Double(left))
  }

  /// The sum of some curves at equal shares.
  public static func sum(_ curves: [CostCurve]) -> CostCurve {
    var costs = [Double](repeating: 0, count: curves.first?.costs.count ?? 2)
    for curve in curves {
      precondition(curve.costs.count == costs.count, "curves of one kind")
      for index in costs.indices { costs[index] += curve.costs[index] }
    }
    return CostCurve(costs: costs, positions: curves.reduce(0) { $0 + $1.positions })
  }

  /// A stretch of the convex envelope.
  struct Segment: Sendable, Equatable {
    /// Shares dropped where it begins and ends.
    let start, end: Double
    /// Cost of each position dropped along it.
    let slope: Double
  }

  /// The lower convex envelope: what mixing two points of the curve would cost at least.
  ///
  /// - Parameter limit: the largest share that may be dropped.
  func envelope(limit: Double = 1) -> [Segment] {
    let last = Double(costs.count - 1)
    var points = costs.indices.map { (share: Double($0) / last, cost: costs[$0]) }
      .filter { $0.share < limit }
    points.append((limit, cost(dropping: limit)))
    // Monotone chain: a point that lies on or above the line of its neighbours goes.
    var hull: [(share: Double, cost: Double)] = []
    for point in points {
      while hull.count >= 2 {
        let (first, second) = (hull[hull.count - 2], hull[hull.count - 1])
        let turn =
          (second.cost - first.cost) * (point.share - first.share)
          - (point.cost - first.cost) * (second.share - first.share)
        if turn < 0 { break }
        hull.removeLast()
      }
      hull.append(point)
    }
    return zip(hull, hull.dropFirst()).map { from, to in
      Segment(
        start: from.share, end: to.share,
        slope: (to.cost - from.cost) / ((to.share - from.share) * max(positions, .leastNonzeroMagnitude)))
    }
  }
}
