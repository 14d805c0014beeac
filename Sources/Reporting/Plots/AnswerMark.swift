import Results

/// What stands beside a layer for its answer: a triangle that points at one to skip, a hollow
/// diamond at one that cannot be told yet, nothing at one to compress.
enum AnswerMark {
  /// The answers that have a mark, in the order of a legend.
  static let marked: [Answer] = [.skip, .unsure]

  static func draw(_ answer: Answer, at tip: Point, size: Double, on scene: inout Scene) {
    let depth = size * 0.85
    switch answer {
    case .skip:
      scene.add(
        .polygon(
          [
            tip, Point(tip.x + depth, tip.y - size / 2), Point(tip.x + depth, tip.y + size / 2),
          ], .role(.warning)))
    case .unsure:
      let middle = tip.x + depth / 2
      scene.add(
        .polyline(
          [
            Point(tip.x + 0.5, tip.y), Point(middle, tip.y - size / 2 + 0.5),
            Point(tip.x + depth - 0.5, tip.y), Point(middle, tip.y + size / 2 - 0.5),
            Point(tip.x + 0.5, tip.y),
          ], Stroke(.role(.mutedInk), width: size < 7 ? 0.8 : 1.2)))
    case .compress:
      break
    }
  }

  /// A bar of one answer: filled, or hollow where it cannot be told yet.
  static func drawBar(_ answer: Answer?, _ bar: Rectangle, on scene: inout Scene) {
    switch answer {
    case .skip: scene.add(.rectangle(bar, .role(.warning)))
    case .compress, nil: scene.add(.rectangle(bar, .role(.accent)))
    case .unsure:
      scene.add(.rectangle(bar, .role(.missing)))
      let inset = min(0.6, bar.width / 4)
      scene.add(
        .polyline(
          [
            Point(bar.x + inset, bar.maxY - inset), Point(bar.x + inset, bar.y + inset),
            Point(bar.maxX - inset, bar.y + inset), Point(bar.maxX - inset, bar.maxY - inset),
            Point(bar.x + inset, bar.maxY - inset),
          ], Stroke(.role(.accent), width: 2 * inset)))
    }
  }
}
