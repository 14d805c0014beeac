import Results

/// Which heads of a capture a figure shows, and what it says about the capture.
enum CaptureHeads {
  /// One captured head: in the model and in the arrays.
  struct Place: Equatable {
    var head: HeadIndex
    /// Index among the captured layers.
    var layer: Int
    /// Index among the captured heads.
    var index: Int

    var title: String { "Layer \(head.layer), head \(head.head)" }
  }

  /// The heads that are asked for and were captured, at most `maximum`; where none is asked for,
  /// the first `usual` heads of the middle layer.
  static func places(
    _ capture: PromptCapture, _ wanted: [HeadIndex], usual: Int, maximum: Int
  ) -> [Place] {
    var heads = wanted
    if heads.isEmpty, !capture.layers.isEmpty {
      let layer = capture.layers[capture.layers.count / 2].layer
      heads = capture.heads.prefix(usual).map { HeadIndex(layer: layer, head: $0) }
    }
    return heads.compactMap { head in
      guard let layer = capture.index(ofLayer: head.layer),
        let index = capture.heads.firstIndex(of: head.head)
      else { return nil }
      return Place(head: head, layer: layer, index: index)
    }.prefix(maximum).map { $0 }
  }

  /// Of heads that share their keys the first.
  static func onePerKVHead(_ places: [Place], _ capture: PromptCapture) -> [Place] {
    var seen: Set<HeadIndex> = []
    return places.filter { place in
      seen.insert(
        HeadIndex(layer: place.head.layer, head: place.head.head / max(capture.groupSize, 1))
      ).inserted
    }
  }

  /// Model and prompt.
  static func caption(_ capture: PromptCapture) -> [String] {
    let count = capture.tokens.count
    return [
      LabelText.visible(capture.model.name),
      count == 1 ? "1 token" : "\(NumberText.grouped(count)) tokens",
      capture.hasAddedBOS ? "BOS put in front" : "no BOS put in front",
    ]
  }
}
