/// What a run advises for a layer, as files spell it.
public enum Answer: String, Sendable, Equatable, CaseIterable {
  /// Leave the layer uncompressed.
  case skip
  case compress
  /// The chunks do not decide between the two.
  case unsure

  /// The word for people: `skip`, `compress` or `cannot tell yet`.
  public var words: String { self == .unsure ? "cannot tell yet" : rawValue }
}

/// The answer for one layer and what it rests on; `nil` where undefined.
public struct LayerAdvice: Sendable, Equatable {
  public var layer: Int
  /// `nil` where the ratio is undefined: nothing follows from it.
  public var answer: Answer?
  /// ΣALR / Σrandom over the layer's KV heads and chunks, which is what decides.
  public var ratio: Double?
  /// Its 95 % interval, cut to 0…2, between which a ratio lies; `nil` below two chunks.
  public var low: Double?
  public var high: Double?
  /// The share of resamplings of the chunks, 0…1, in which the layer stands out from the others.
  public var standsOut: Double?
  /// About how many chunks would decide; `nil` where it is decided, or where no reasonable number
  /// would.
  public var chunksNeeded: Int?
  /// What the same rule says of the query heads, each by itself.
  public var headsAnswer: Answer?

  public init(
    layer: Int, answer: Answer?, ratio: Double? = nil, low: Double? = nil, high: Double? = nil,
    standsOut: Double? = nil, chunksNeeded: Int? = nil, headsAnswer: Answer? = nil
  ) {
    self.layer = layer
    self.answer = answer
    self.ratio = ratio
    self.low = low
    self.high = high
    self.standsOut = standsOut
    self.chunksNeeded = chunksNeeded
    self.headsAnswer = headsAnswer
  }
}

/// Which layers to leave uncompressed, which to compress, which the chunks do not decide.
public struct Recommendation: Sendable, Equatable {
  /// One for each layer, in order.
  public var layers: [LayerAdvice]
  /// Sentences, each for the layers that one thing is said of.
  public var reasons: [String]

  public init(layers: [LayerAdvice], reasons: [String]) {
    self.layers = layers
    self.reasons = reasons
  }

  /// The layers with this answer, `nil` for those without one.
  public func layers(_ answer: Answer?) -> [Int] {
    layers.filter { $0.answer == answer }.map(\.layer)
  }

  /// The advice for a layer; `nil` where there is no such layer.
  public subscript(layer layer: Int) -> LayerAdvice? {
    layers.indices.contains(layer) && layers[layer].layer == layer
      ? layers[layer] : layers.first { $0.layer == layer }
  }
}
