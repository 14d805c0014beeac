import ModelFiles

/// What one pass over one prompt showed of chosen layers and heads: attention maps, key norms, keys
/// and values, with the tokens they belong to.
///
/// `n` is the number of tokens. Rows and positions count from the prompt's first token, and a query
/// sees itself: an attention row has a score for every position up to its own.
public struct PromptCapture: Sendable, Equatable {
  /// Name and version of the tool that captured.
  public var tool: String
  public var model: ModelSummary
  /// Arithmetic, as its option spells it.
  public var precision: String
  /// Instruction set of the kernels; bytes are equal within one.
  public var isa: String
  /// The rotation that `--rope` asked for; `nil` where the checkpoint's own was used.
  public var rope: String?
  /// (n)
  public var tokens: [CapturedToken]
  /// Whether the first token is a BOS that was put in front of the text.
  public var hasAddedBOS: Bool
  /// The captured layers, ascending.
  public var layers: [CapturedLayer]
  /// The captured query heads of each of those layers, ascending.
  public var heads: [Int]
  /// Multiplies q · k before the softmax.
  public var attentionScale: Double
  /// Bounds the scaled products before the softmax; `nil` where nothing does.
  public var attentionSoftCap: Double?
  public var arrays: CaptureArrays

  public init(
    tool: String, model: ModelSummary, precision: String, isa: String, rope: String? = nil,
    tokens: [CapturedToken],
    hasAddedBOS: Bool, layers: [CapturedLayer], heads: [Int], attentionScale: Double,
    attentionSoftCap: Double?, arrays: CaptureArrays
  ) {
    self.tool = tool
    self.model = model
    self.precision = precision
    self.isa = isa
    self.rope = rope
    self.tokens = tokens
    self.hasAddedBOS = hasAddedBOS
    self.layers = layers
    self.heads = heads
    self.attentionScale = attentionScale
    self.attentionSoftCap = attentionSoftCap
    self.arrays = arrays
  }

  /// Query heads that share a KV head.
  public var groupSize: Int { model.heads / model.kvHeads }

  /// The KV heads that the captured query heads read, ascending.
  public var kvHeads: [Int] { Self.kvHeads(of: heads, groupSize: groupSize) }

  /// The KV heads that these query heads read, ascending.
  public static func kvHeads(of heads: [Int], groupSize: Int) -> [Int] {
    Set(heads.map { $0 / groupSize }).sorted()
  }

  /// The parts that were captured, in their usual order.
  public var parts: [CapturePart] {
    CapturePart.allCases.filter { part in
      switch part {
      case .attention: arrays.attention != nil
      case .keyNorms: arrays.keyNorms != nil
      case .keys: arrays.keys != nil
      case .values: arrays.values != nil
      case .rotatedKeys: arrays.rotatedKeys != nil
      case .rotatedQueries: arrays.rotatedQueries != nil
      }
    }
  }

  /// Where a layer stands in the arrays; `nil` where it was not captured.
  public func index(ofLayer layer: Int) -> Int? { layers.firstIndex { $0.layer == layer } }

  /// The attention row of one query, (query + 1): scores of the positions up to its own.
  ///
  /// - Parameters:
  ///   - layer: index among `layers`.
  ///   - head: index among `heads`.
  /// - Returns: `nil` where no attention was captured. What a sparse map leaves out is 0.
  public func attentionRow(layer: Int, head: Int, query: Int) -> [Float]? {
    arrays.attention?.row(
      map: layer * heads.count + head, query: query, positions: tokens.count)
  }

  /// The key norms that a query head reads, (n).
  ///
  /// - Parameters:
  ///   - layer: index among `layers`.
  ///   - head: index among `heads`.
  public func keyNorms(layer: Int, head: Int) -> [Double]? {
    arrays.keyNorms.map { Array($0.values[rows(layer: layer, head: head, of: 1)]) }
  }

  /// One key before the rotation, (headDim).
  public func key(layer: Int, head: Int, position: Int) -> [Float]? {
    arrays.keys.map { vector(of: $0, layer: layer, head: head, position: position) }
  }

  /// One vector of `array`, which is (layers, kvHeads, n, headDim), as a query head reads it.
  func vector(of array: NumberArray<Float>, layer: Int, head: Int, position: Int) -> [Float] {
    let size = model.headDim
    let first = rows(layer: layer, head: head, of: size).lowerBound + position * size
    return Array(array.values[first..<first + size])
  }

  /// The elements of (layers, kvHeads, n, size) that a query head reads.
  public func rows(layer: Int, head: Int, of size: Int) -> Range<Int> {
    let kvHead = kvHeads.firstIndex(of: heads[head] / groupSize) ?? 0
    let count = tokens.count * size
    let first = (layer * kvHeads.count + kvHead) * count
    return first..<first + count
  }
}

/// What may be captured of each layer.
public enum CapturePart: String, Sendable, CaseIterable {
  /// Post-softmax scores of every query, for each query head.
  case attention
  /// L2 norms of keys before the rotation.
  case keyNorms = "norms"
  /// Keys before the rotation, as the norms are taken: after bias and q/k norm.
  case keys
  case values
  /// Keys as queries meet them, and as a cache holds them.
  case rotatedKeys = "rotated-keys"
  /// Queries as they meet those keys.
  case rotatedQueries = "rotated-queries"

  /// Captured where nothing else is asked for.
  public static let usual: [CapturePart] = [.attention, .keyNorms, .keys, .values]
}

/// A token of the prompt.
public struct CapturedToken: Sendable, Equatable {
  public var id: Int
  /// As the vocabulary spells it, for example `Ġthe`.
  public var piece: String
  /// The bytes that it stands for, which need not be UTF-8.
  public var bytes: [UInt8]

  public init(id: Int, piece: String, bytes: [UInt8]) {
    self.id = id
    self.piece = piece
    self.bytes = bytes
  }

  /// What an axis calls it: its text without the space before a word, what does not print as
  /// escapes; a token of spaces alone stands in quotes, one without text is its piece.
  public var label: String {
    if bytes.isEmpty { return piece }
    let space = UInt8(ascii: " ")
    if bytes.allSatisfy({ $0 == space }) {
      return "'" + String(repeating: " ", count: bytes.count) + "'"
    }
    return ByteText.escaped(bytes.first == space ? Array(bytes.dropFirst()) : bytes)
  }
}

/// A captured layer.
public struct CapturedLayer: Sendable, Equatable {
  public var layer: Int
  /// Sliding window, the query included; `nil` where attention is global.
  public var window: Int?

  public init(layer: Int, window: Int?) {
    self.layer = layer
    self.window = window
  }
}

/// The numbers of a capture; layers and heads count among the captured ones.
public struct CaptureArrays: Sendable, Equatable {
  public var attention: CapturedAttention?
  /// (layers, kvHeads, n)
  public var keyNorms: NumberArray<Double>?
  /// (layers, kvHeads, n, headDim)
  public var keys: NumberArray<Float>?
  /// (layers, kvHeads, n, headDim)
  public var values: NumberArray<Float>?
  /// (layers, kvHeads, n, headDim)
  public var rotatedKeys: NumberArray<Float>?
  /// (layers, heads, n, headDim)
  public var rotatedQueries: NumberArray<Float>?

  public init(
    attention: CapturedAttention? = nil, keyNorms: NumberArray<Double>? = nil,
    keys: NumberArray<Float>? = nil, values: NumberArray<Float>? = nil,
    rotatedKeys: NumberArray<Float>? = nil, rotatedQueries: NumberArray<Float>? = nil
  ) {
    self.attention = attention
    self.keyNorms = keyNorms
    self.keys = keys
    self.values = values
    self.rotatedKeys = rotatedKeys
    self.rotatedQueries = rotatedQueries
  }
}

/// Attention maps, one for each captured layer and head in turn.
public enum CapturedAttention: Sendable, Equatable {
  /// (layers, heads, n queries, n positions): 0 beyond the query and outside its window
  case dense(NumberArray<Float>)
  case sparse(SparseAttention)

  /// The scores of positions up to the query's own.
  func row(map: Int, query: Int, positions: Int) -> [Float] {
    switch self {
    case .dense(let array):
      let first = (map * positions + query) * positions
      return Array(array.values[first...first + query])
    case .sparse(let sparse):
      var row = [Float](repeating: 0, count: query + 1)
      let index = map * positions + query
      let entries = Int(sparse.offsets.values[index])..<Int(sparse.offsets.values[index + 1])
      for entry in entries {
        row[Int(sparse.positions.values[entry])] = sparse.scores.values[entry]
      }
      return row
    }
  }
}

/// Attention scores above a threshold as compressed sparse rows.
public struct SparseAttention: Sendable, Equatable {
  /// Scores that are not above it are left out.
  public var threshold: Double
  /// (layers · heads · n + 1): where each row's entries begin; the last is their number
  public var offsets: NumberArray<Int64>
  /// (entries): ascending within a row, none beyond the query
  public var positions: NumberArray<Int32>
  /// (entries)
  public var scores: NumberArray<Float>

  public init(
    threshold: Double, offsets: NumberArray<Int64>, positions: NumberArray<Int32>,
    scores: NumberArray<Float>
  ) {
    self.threshold = threshold
    self.offsets = offsets
    self.positions = positions
    self.scores = scores
  }
}
