import ModelFiles

/// `arrays.npz`: the names and shapes of a result's arrays.
enum ResultArchive {
  /// The sizes that every array's shape follows from.
  struct Shape {
    let chunks: Int
    let layers: Int
    let heads: Int
    let kvHeads: Int
    let positions: Int

    init(_ contents: ResultReader.Contents) {
      chunks = contents.corpus.chunks
      layers = contents.model.layers
      heads = contents.model.heads
      kvHeads = contents.model.kvHeads
      positions = contents.corpus.chunkLength
    }

    var perChunk: [Int] { [chunks, layers, heads] }
    var kvPerChunk: [Int] { [chunks, layers, kvHeads] }
    var curves: [Int] { [RunAccumulator.foldCount, layers, heads, curvePointCount] }
    var kvCurves: [Int] { [RunAccumulator.foldCount, layers, kvHeads, curvePointCount] }
    var folds: [Int] { [RunAccumulator.foldCount] }
    var keyNorms: [Int] { [layers, kvHeads, positions] }
    var attention: [Int] { [layers, heads, positions] }
  }

  /// One array: its name, where a result keeps it, and its shape.
  private struct Entry: Sendable {
    let name: String
    let array: WritableKeyPath<ResultArrays, NumericArray> & Sendable
    let shape: KeyPath<Shape, [Int]> & Sendable

    init(
      _ name: String, _ array: WritableKeyPath<ResultArrays, NumericArray> & Sendable,
      _ shape: KeyPath<Shape, [Int]> & Sendable
    ) {
      (self.name, self.array, self.shape) = (name, array, shape)
    }
  }

  /// In the order of the archive.
  private static let entries = [
    Entry("alr", \.alr, \.perChunk),
    Entry("random_alr", \.randomALR, \.perChunk),
    Entry("spearman", \.spearman, \.perChunk),
    Entry("kv_alr", \.kvALR, \.kvPerChunk),
    Entry("kv_random_alr", \.kvRandomALR, \.kvPerChunk),
    Entry("attention_loss", \.attentionLoss, \.curves),
    Entry("reference_loss", \.referenceLoss, \.curves),
    Entry("kv_attention_loss", \.kvAttentionLoss, \.kvCurves),
    Entry("kv_reference_loss", \.kvReferenceLoss, \.kvCurves),
    Entry("fold_chunks", \.foldChunks, \.folds),
    Entry("key_norm_mean", \.keyNormMean, \.keyNorms),
    Entry("attention_mean", \.attentionMean, \.attention),
  ]

  /// The bytes of the archive.
  static func bytes(_ arrays: ResultArrays) throws(NPZError) -> [UInt8] {
    try NPZWriter.archive(
      entries.map { (name: $0.name, array: arrays[keyPath: $0.array] as any StoredArray) })
  }

  /// Reads every array and holds its shape against the result's.
  static func read(_ path: String, _ shape: Shape) throws(ResultsFolderProblem) -> ResultArrays {
    func named<Value>(
      _ body: () throws(NPZError) -> Value
    ) throws(ResultsFolderProblem) -> Value {
      do throws(NPZError) { return try body() } catch { throw .array(error.problem) }
    }
    let archive = try named { () throws(NPZError) in try NPZReader(path) }
    var arrays = ResultArrays.empty
    for entry in entries {
      let found = try named { () throws(NPZError) in try archive.array(entry.name) }
      let expected = shape[keyPath: entry.shape]
      guard found.shape == expected else {
        throw .wrongShape(array: entry.name, found: found.shape, expected: expected)
      }
      arrays[keyPath: entry.array] = found
    }
    try check(arrays.foldChunks.values, chunks: shape.chunks)
    return arrays
  }

  /// Counts are whole and add up to the number of chunks.
  private static func check(_ foldChunks: [Double], chunks: Int) throws(ResultsFolderProblem) {
    let isCount = foldChunks.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
    guard isCount, foldChunks.reduce(0, +) == Double(chunks) else {
      throw .inconsistent(field: "fold_chunks", expected: "counts that add up to \(chunks)")
    }
  }
}

extension ResultArrays {
  /// No numbers at all, for a reader to fill.
  fileprivate static var empty: ResultArrays {
    let none = NumericArray(shape: [0], values: [])
    return ResultArrays(
      alr: none, randomALR: none, spearman: none, kvALR: none, kvRandomALR: none,
      attentionLoss: none, referenceLoss: none, kvAttentionLoss: none, kvReferenceLoss: none,
      foldChunks: none, keyNormMean: none, attentionMean: none)
  }
}
