/// What a run measures: layers, heads and candidate positions.
public struct RunShape: Sendable, Equatable {
  /// One layer of the model.
  public struct Layer: Sendable, Equatable {
    /// Sliding window, the query included; `nil` where attention is global.
    public var window: Int?
    /// The layer whose keys this one uses; `nil` where it has its own.
    public var kvSource: Int?

    public init(window: Int? = nil, kvSource: Int? = nil) {
      self.window = window
      self.kvSource = kvSource
    }
  }

  public var layers: [Layer]
  public var heads: Int
  /// Divides `heads`; query head `h` belongs to KV head `h / (heads / kvHeads)`.
  public var kvHeads: Int
  /// `n`: cached positions of a chunk.
  public var chunkLength: Int
  /// Whether output errors are measured beside attention losses.
  public var hasOutputError: Bool

  public init(
    layers: [Layer], heads: Int, kvHeads: Int, chunkLength: Int, hasOutputError: Bool = false
  ) {
    precondition(kvHeads >= 1 && heads >= kvHeads && heads % kvHeads == 0, "whole groups")
    precondition(chunkLength >= 1, "at least one position")
    self.layers = layers
    self.heads = heads
    self.kvHeads = kvHeads
    self.chunkLength = chunkLength
    self.hasOutputError = hasOutputError
  }

  /// Query heads a KV head.
  public var groupSize: Int { heads / kvHeads }

  /// `n_l`: candidates of a query behind `positions` cached positions.
  public static func candidates(positions: Int, window: Int?) -> Int {
    guard let window else { return positions }
    return min(positions, max(0, window - 1))
  }

  /// `n_l` of `layer` for a whole chunk.
  public func candidates(layer: Int) -> Int {
    Self.candidates(positions: chunkLength, window: layers[layer].window)
  }
}
