import ModelFiles
import Results

/// A capture without a model: two layers, four heads, two KV heads, eight dimensions.
public enum SyntheticCapture {
  /// The bytes of its tokens, by turns.
  public static let usual: [[UInt8]] = [
    Array("the".utf8), Array(" größe".utf8), [0xE2, 0x80], [0x0A], Array("語".utf8),
    Array("\\x".utf8),
  ]

  public static let words =
    "The first token draws most of the attention , and a full stop does so too ."
    .split(separator: " ").enumerated().map {
      Array(($0.offset > 0 ? " " : "").utf8) + $0.element.utf8
    }

  /// With every part; sparse, each query has one score of 0.5.
  ///
  /// - Parameters:
  ///   - n: tokens of the prompt.
  ///   - bytes: of the tokens, by turns.
  public static func make(
    tokens n: Int, isSparse: Bool = false, bytes: [[UInt8]] = usual
  ) -> PromptCapture {
    func values(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 37 + 11) % 101) - 50 } }
    var map = [Float](repeating: 0, count: isSparse ? 0 : 8 * n * n)
    var offsets: [Int64] = [0]
    for row in 0..<8 * n {
      offsets.append(Int64(row + 1))
      if isSparse { continue }
      // Half to the first token, the rest evenly.
      for position in 0...row % n { map[row * n + position] = 0.5 / Float(row % n + 1) }
      map[row * n] += 0.5
    }
    let attention: CapturedAttention =
      isSparse
      ? .sparse(
        SparseAttention(
          threshold: 0.1, offsets: NumberArray(shape: [8 * n + 1], values: offsets),
          positions: NumberArray(shape: [8 * n], values: (0..<8 * n).map { Int32($0 % n) }),
          scores: NumberArray(shape: [8 * n], values: Array(repeating: 0.5, count: 8 * n))))
      : .dense(NumberArray(shape: [2, 4, n, n], values: map))
    return PromptCapture(
      tool: "alr-analyze test",
      model: ModelSummary(
        name: "model", architecture: "llama", layers: 3, heads: 4, kvHeads: 2, headDim: 8,
        parameters: 1, fingerprint: "f"),
      precision: "f32", isa: "scalar", rope: "linear:4",
      tokens: (0..<n).map { index in
        CapturedToken(id: index, piece: "Ġp\(index)", bytes: bytes[index % bytes.count])
      },
      hasAddedBOS: false,
      layers: [.init(layer: 0, window: nil), .init(layer: 2, window: 5)], heads: [0, 1, 2, 3],
      attentionScale: 0.25, attentionSoftCap: nil,
      arrays: CaptureArrays(
        attention: attention,
        keyNorms: NumberArray(
          shape: [2, 2, n], values: (0..<4 * n).map { Double($0 % 13 + 1) * 1.25 }),
        keys: NumberArray(shape: [2, 2, n, 8], values: values(32 * n)),
        values: NumberArray(shape: [2, 2, n, 8], values: values(32 * n).map { $0 / 3 }),
        rotatedKeys: NumberArray(shape: [2, 2, n, 8], values: values(32 * n).map { $0 / 50 }),
        rotatedQueries: NumberArray(
          shape: [2, 4, n, 8], values: values(64 * n).map { $0 / 50 })))
  }
}
