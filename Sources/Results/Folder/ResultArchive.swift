import ModelFiles

/// `arrays.npz`: a result's arrays in the order of `ResultArray`.
enum ResultArchive {
  /// The sizes that every array's shape follows from.
  struct Shape {
    private let sizes: [ResultArray.Axis: Int]
    let chunks: Int

    init(_ contents: ResultReader.Contents) {
      chunks = contents.corpus.chunks
      sizes = [
        .chunks: chunks, .folds: ResultArray.foldCount, .layers: contents.model.layers,
        .heads: contents.model.heads, .kvHeads: contents.model.kvHeads,
        .curvePoints: curvePointCount, .errorPoints: errorPointCount,
        .positions: contents.corpus.chunkLength,
      ]
    }

    func shape(of array: ResultArray) -> [Int] { array.axes.map { sizes[$0] ?? 0 } }
  }

  /// The bytes of the archive.
  static func bytes(_ arrays: ResultArrays) throws(NPZError) -> [UInt8] {
    try NPZWriter.archive(
      ResultArray.allCases.filter(arrays.has).map {
        (name: $0.rawValue, array: arrays[$0] as any StoredArray)
      })
  }

  /// Reads every array and holds its shape against the result's.
  static func read(_ path: String, _ shape: Shape) throws(ResultsFolderProblem) -> ResultArrays {
    func named<Value>(
      _ body: () throws(NPZError) -> Value
    ) throws(ResultsFolderProblem) -> Value {
      do throws(NPZError) { return try body() } catch { throw .array(error.problem) }
    }
    let archive = try named { () throws(NPZError) in try NPZReader(path) }
    var arrays = ResultArrays()
    for array in ResultArray.allCases {
      if array.mayBeMissing, !archive.names.contains(array.rawValue) { continue }
      let found = try named { () throws(NPZError) in try archive.array(array.rawValue) }
      let expected = shape.shape(of: array)
      guard found.shape == expected else {
        throw .wrongShape(array: array.rawValue, found: found.shape, expected: expected)
      }
      arrays[array] = found
    }
    try check(arrays, chunks: shape.chunks)
    return arrays
  }

  /// Counts are whole and add up to the number of chunks; indices are whole and ascend.
  private static func check(
    _ arrays: ResultArrays, chunks: Int
  ) throws(ResultsFolderProblem) {
    func isCount(_ value: Double) -> Bool { value >= 0 && value == value.rounded() }
    let foldChunks = arrays[.foldChunks].values
    guard foldChunks.allSatisfy(isCount), foldChunks.reduce(0, +) == Double(chunks) else {
      throw .inconsistent(field: "fold_chunks", expected: "counts that add up to \(chunks)")
    }
    let indices = arrays[.chunkIndex].values
    guard indices.allSatisfy(isCount), zip(indices, indices.dropFirst()).allSatisfy(<) else {
      throw .inconsistent(field: "chunk_index", expected: "ascending indices")
    }
  }
}
