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
    var keyNorms: [Int] { [layers, kvHeads, positions] }
    var attention: [Int] { [layers, heads, positions] }
  }

  /// The bytes of the archive.
  static func bytes(_ arrays: ResultArrays) throws(NPZError) -> [UInt8] {
    let named: [(String, NumericArray)] = [
      ("alr", arrays.alr),
      ("random_alr", arrays.randomALR),
      ("spearman", arrays.spearman),
      ("kv_alr", arrays.kvALR),
      ("kv_random_alr", arrays.kvRandomALR),
      ("attention_loss", arrays.attentionLoss),
      ("reference_loss", arrays.referenceLoss),
      ("kv_attention_loss", arrays.kvAttentionLoss),
      ("kv_reference_loss", arrays.kvReferenceLoss),
      ("fold_chunks", arrays.foldChunks),
      ("key_norm_mean", arrays.keyNormMean),
      ("attention_mean", arrays.attentionMean),
    ]
    return try NPZWriter.archive(
      named.map { (name: $0, array: NPYArray(shape: $1.shape, values: $1.values)) })
  }

  /// Reads every array and holds its shape against the result's.
  static func read(_ path: String, _ shape: Shape) throws(ResultsFolderProblem) -> ResultArrays {
    let archive: NPZReader
    do throws(NPZError) {
      archive = try NPZReader(path)
    } catch {
      throw .array(error.problem)
    }
    func array(_ name: String, _ expected: [Int]) throws(ResultsFolderProblem) -> NumericArray {
      let found: NPYArray
      do throws(NPZError) {
        found = try archive.array(name)
      } catch {
        throw .array(error.problem)
      }
      guard found.shape == expected else {
        throw .wrongShape(array: name, found: found.shape, expected: expected)
      }
      return NumericArray(shape: found.shape, values: found.values)
    }
    let arrays = ResultArrays(
      alr: try array("alr", shape.perChunk),
      randomALR: try array("random_alr", shape.perChunk),
      spearman: try array("spearman", shape.perChunk),
      kvALR: try array("kv_alr", shape.kvPerChunk),
      kvRandomALR: try array("kv_random_alr", shape.kvPerChunk),
      attentionLoss: try array("attention_loss", shape.curves),
      referenceLoss: try array("reference_loss", shape.curves),
      kvAttentionLoss: try array("kv_attention_loss", shape.kvCurves),
      kvReferenceLoss: try array("kv_reference_loss", shape.kvCurves),
      foldChunks: try array("fold_chunks", [RunAccumulator.foldCount]),
      keyNormMean: try array("key_norm_mean", shape.keyNorms),
      attentionMean: try array("attention_mean", shape.attention))
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
