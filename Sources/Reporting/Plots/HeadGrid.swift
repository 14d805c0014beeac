import Results

/// A value for every head of every layer.
public struct HeadGrid: Sendable, Equatable {
  public var layers: Int
  public var heads: Int
  /// (layers, heads); `nil` where undefined or where the result has no row.
  public var values: [Double?]

  /// A grid of columns other than query heads.
  init(layers: Int, columns: Int, values: [Double?]) {
    precondition(values.count == layers * columns, "one value a cell")
    self.layers = layers
    heads = columns
    self.values = values
  }

  /// More layers or heads than this are not drawn: no model has them and no picture shows them.
  static let maximumExtent = 1024

  /// What `value` gives for each row of `heads[]`. Rows outside the model's layers and heads are
  /// left out, and values that are not finite count as missing.
  public init(_ result: AnalysisResult, value: (Measures) -> Double?) {
    layers = min(max(result.model.layers, 0), Self.maximumExtent)
    heads = min(max(result.model.heads, 0), Self.maximumExtent)
    values = Array(repeating: nil, count: layers * heads)
    for row in result.heads
    where (0..<layers).contains(row.layer) && (0..<heads).contains(row.head) {
      guard let number = value(row.measures), number.isFinite else { continue }
      values[row.layer * heads + row.head] = number
    }
  }

  /// What `value` gives for each row of `kv_heads[]`, under the same rules.
  static func ofKVHeads(_ result: AnalysisResult, value: (Measures) -> Double?) -> HeadGrid {
    let layers = min(max(result.model.layers, 0), maximumExtent)
    let heads = min(max(result.model.kvHeads, 0), maximumExtent)
    var grid = HeadGrid(
      layers: layers, columns: heads, values: Array(repeating: nil, count: layers * heads))
    for row in result.kvHeads
    where (0..<layers).contains(row.layer) && (0..<heads).contains(row.kvHead) {
      guard let number = value(row.measures), number.isFinite else { continue }
      grid.values[row.layer * heads + row.kvHead] = number
    }
    return grid
  }

  public subscript(layer: Int, head: Int) -> Double? { values[layer * heads + head] }

  /// The least and the greatest value; `nil` where all are missing.
  public var range: ClosedRange<Double>? {
    let present = values.compactMap { $0 }
    guard let least = present.min(), let greatest = present.max() else { return nil }
    return least...greatest
  }
}
