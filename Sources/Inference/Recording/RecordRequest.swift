/// The layers, queries and parts that a recorder asks for; the pass computes nothing for it
/// beyond them.
public struct RecordRequest: Sendable, Equatable {
  /// Parts of a KV head beside its positions and key norms, which every view has.
  public struct Parts: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Post-softmax scores of the query positions.
    public static let attention = Parts(rawValue: 1)
    /// Query vectors of the query positions.
    public static let queries = Parts(rawValue: 2)
    public static let keys = Parts(rawValue: 4)
    public static let values = Parts(rawValue: 8)
    /// What attention is added to at the query positions, at the end of each layer.
    public static let residuals = Parts(rawValue: 16)
  }

  /// `nil` for all layers.
  public var layers: Set<Int>?
  /// Positions of the queries whose attention or vectors are wanted, ascending; the same for every
  /// sequence.
  public var queryPositions: [Int]
  /// Positions of the queries whose vectors are wanted, where those are others; ascending.
  public var vectorPositions: [Int]?
  public var parts: Parts

  public init(
    layers: Set<Int>? = nil, queryPositions: [Int] = [], vectorPositions: [Int]? = nil, parts: Parts
  ) {
    self.layers = layers
    self.queryPositions = queryPositions
    self.vectorPositions = vectorPositions
    self.parts = parts
  }

  /// Whether anything of `layer` is wanted.
  func takes(layer: Int) -> Bool { layers?.contains(layer) ?? true }
}
