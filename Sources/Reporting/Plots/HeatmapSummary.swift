/// A heatmap in words.
enum HeatmapSummary {
  /// How many layers and heads, and where the extremes lie.
  static func text(of grid: HeadGrid, quantity: String, column: String = "head") -> String {
    let size = "\(quantity) of \(grid.layers) layers with \(grid.heads) \(column)s each"
    let present = grid.values.enumerated().compactMap { item in
      item.element.map { (index: item.offset, value: $0) }
    }
    guard let least = present.min(by: { $0.value < $1.value }),
      let greatest = present.max(by: { $0.value < $1.value })
    else { return size + "; no values." }
    func place(_ index: Int) -> String {
      "layer \(index / grid.heads), \(column) \(index % grid.heads)"
    }
    let format = NumberFormat(for: [greatest.value])
    return "\(size). Lowest \(format.text(least.value)) at \(place(least.index)), "
      + "highest \(format.text(greatest.value)) at \(place(greatest.index))."
  }
}
