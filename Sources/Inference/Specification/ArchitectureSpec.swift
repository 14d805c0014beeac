/// A decoder-only architecture and its sizes, as a value over the one forward pass.
public struct ArchitectureSpec: Sendable, Equatable {
  /// As `model_type` of `config.json` spells it, whatever the format of the checkpoint.
  public var name = ""
  public var vocabularySize: Int
  public var hiddenSize: Int
  /// Columns of a dense feed-forward.
  public var intermediateSize: Int
  /// Query heads.
  public var headCount: Int
  /// Key-value heads; divides `headCount`.
  public var kvHeadCount: Int
  public var headDim: Int
  /// Positions the model was trained for.
  public var contextLength: Int
  public var layers: [LayerSpec]

  /// Rotations that layers choose from.
  public var rotaries: [RotarySpec]
  /// Whether a vector a position is added to the embedding; nothing lies beyond `contextLength`.
  public var hasLearnedPositions = false

  public var norm: NormSpec
  public var normPlaces: NormPlaces = [.beforeAttention, .beforeFeedForward]
  /// A norm of queries and keys before the rotation.
  public var queryKeyNorm: QueryKeyNorm?

  public var biases: Biases = []
  public var activation = Activation.silu
  /// Whether the feed-forward is activation(gate) · up, or activation(up) alone.
  public var isGated = true
  public var experts: ExpertSpec?
  /// x + attention(norm x) + feedForward(norm x), instead of one after the other.
  public var isParallel = false

  /// Multiplies q · k before the softmax.
  public var attentionScale: Float
  /// Bounds the scaled products before the softmax.
  public var attentionSoftCap: Float?
  public var logitSoftCap: Float?
  public var embeddingScale: Float = 1
  /// Multiplies what a layer adds to the residual stream.
  public var residualScale: Float = 1
  public var logitScale: Float = 1
  /// Whether the output matrix is the embedding.
  public var tiedEmbeddings: Bool

  /// No model comes near it; a file that says more is refused before anything is sized by it.
  static let mostLayers = 10_000

  public var layerCount: Int { layers.count }

  /// Query heads that share one KV head.
  public var groupSize: Int { headCount / kvHeadCount }

  /// - Throws: `InferenceError` where sizes do not fit together.
  func check() throws(InferenceError) {
    guard headCount.isMultiple(of: kvHeadCount) else {
      throw .invalidField(
        "number of key-value heads", expected: "a divisor of the \(headCount) attention heads")
    }
    guard headDim.isMultiple(of: 2) else {
      throw .invalidField("head dimension", expected: "even, for pairs to rotate")
    }
    // Sizes are multiplied with one another and with small numbers from here on.
    let widths = [headCount, kvHeadCount].map { $0.multipliedReportingOverflow(by: headDim) }
    guard widths.allSatisfy({ !$0.overflow && $0.partialValue <= 1 << 40 }) else {
      throw .invalidField("head dimension", expected: "such that all heads fit in memory")
    }
    if let experts {
      guard experts.usedCount <= experts.count else {
        throw .invalidField("number of experts a token", expected: "at most \(experts.count)")
      }
      guard isGated, !isParallel, !normPlaces.contains(.afterFeedForward) else {
        throw .unsupportedValue(field: "experts", value: "without gate, or with a norm after them")
      }
    } else if layers.contains(where: \.usesExperts) {
      throw .missingField("number of experts")
    }
  }

  /// - Throws: `InferenceError.tooManyPositions` where `tokens` are more than the model has learned
  ///   positions for; a rotation has no such limit.
  public func checkLength(_ tokens: Int) throws(InferenceError) {
    if hasLearnedPositions, tokens > contextLength {
      throw .tooManyPositions(tokens, limit: contextLength)
    }
  }
}

/// The properties in which layers of a model differ.
public struct LayerSpec: Sendable, Equatable {
  /// Keys that a query sees, itself included; `nil` for all before it.
  public var window: Int?
  /// Index in `rotaries`; `nil` for a layer without rotation.
  public var rotary: Int? = 0
  public var usesExperts = false
  /// Multiplies q · k beside the model's `attentionScale`.
  public var scoreScale: Float = 1
}

/// How rows are normalised.
public struct NormSpec: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// x / rms(x) · weight
    case rms
    /// (x − mean) / deviation · weight + bias
    case layer
  }

  public var kind: Kind = .rms
  public var epsilon: Float
  /// Added to the weights of safetensors files: Gemma stores the weight less 1.
  public var weightOffset: Float = 0
}

/// Where a layer has norms.
public struct NormPlaces: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let beforeAttention = NormPlaces(rawValue: 1)
  /// Of the attention's output, before it is added.
  public static let afterAttention = NormPlaces(rawValue: 2)
  /// Without it a parallel feed-forward reads the norm before attention.
  public static let beforeFeedForward = NormPlaces(rawValue: 4)
  /// Of the feed-forward's output, before it is added.
  public static let afterFeedForward = NormPlaces(rawValue: 8)
}

/// A norm of queries and keys; `kind` is the model's, the epsilon too.
public struct QueryKeyNorm: Sendable, Equatable {
  public enum Extent: Sendable, Equatable {
    /// Each head on its own, all with the same weights.
    case head
    /// Each head on its own, with weights of its own.
    case separateHeads
    /// All heads as one row.
    case row
  }

  public var extent: Extent
  public var hasBias = false
}

/// Which products add a bias.
public struct Biases: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Queries, keys and values.
  public static let projections = Biases(rawValue: 1)
  public static let attentionOutput = Biases(rawValue: 2)
  public static let feedForward = Biases(rawValue: 4)
  /// The logits.
  public static let output = Biases(rawValue: 8)

  public static let attention: Biases = [.projections, .attentionOutput]
}

/// Nonlinearity of a feed-forward.
public enum Activation: Sendable, Equatable {
  case silu
  /// By the error function.
  case gelu
  case geluTanh
  case geluQuick
}

/// A mixture of experts: each token's feed-forward is a weighted sum of a few of them.
public struct ExpertSpec: Sendable, Equatable {
  public var count: Int
  /// Experts a token.
  public var usedCount: Int
  /// Columns of one expert's feed-forward.
  public var intermediateSize: Int
  /// Whether the weights of the chosen experts are made to sum to 1.
  public var normalizesWeights: Bool
}
