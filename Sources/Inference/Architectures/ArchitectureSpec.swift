/// A decoder-only architecture and its sizes, as a value over the one forward pass.
public struct ArchitectureSpec: Sendable, Equatable {
  /// As `model_type` or `general.architecture` spells it.
  public var name: String
  public var vocabularySize: Int
  public var hiddenSize: Int
  public var intermediateSize: Int
  public var layerCount: Int
  /// Query heads.
  public var headCount: Int
  /// Key-value heads; divides `headCount`.
  public var kvHeadCount: Int
  public var headDim: Int
  /// Positions the model was trained for.
  public var contextLength: Int
  public var normEpsilon: Float
  public var rotary: RotarySpec
  /// Whether the output matrix is the embedding.
  public var tiedEmbeddings: Bool
  /// Whether q, k, v and the attention output have biases.
  public var attentionBias: Bool
  /// Whether gate, up and down have biases.
  public var feedForwardBias: Bool

  /// Query heads that share one KV head.
  public var groupSize: Int { headCount / kvHeadCount }

  /// Multiplies q · k before the softmax.
  public var attentionScale: Float { 1 / Float(headDim).squareRoot() }
}

/// Rotary position embedding of pairs (i, i + dimension / 2).
public struct RotarySpec: Sendable, Equatable {
  /// First dimensions of a head that rotate.
  public var dimension: Int
  public var base: Double
}
