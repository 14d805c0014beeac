import Results

/// Why measuring stopped.
public enum MeasurementError: Error, Equatable, CustomStringConvertible {
  /// An attention score is infinite or NaN.
  case nonFiniteAttention(chunk: Int, layer: Int, head: Int, row: Int)
  /// A key norm is infinite, NaN, or 2^27 and above.
  case keyNormOutOfRange(chunk: Int, layer: Int, kvHead: Int)
  /// A key or value of a prompt is infinite or NaN.
  case nonFiniteVectors(layer: Int, kvHead: Int)
  /// The chunk's record of this KV head was added before.
  case duplicateRecord(chunk: Int, layer: Int, kvHead: Int)
  /// A record's sizes are not those of the run.
  case recordShape(chunk: Int, layer: Int, kvHead: Int)
  /// The chunk lacks records.
  case incompleteChunk(chunk: Int, missing: Int)
  /// No chunk was measured.
  case noChunks
  /// A sum over chunks left the range of 64-bit integers.
  case sumOverflow(layer: Int)
  /// Runs of different shapes cannot be added.
  case shapeMismatch
  /// The rows asked for do not occur with this few positions.
  case noRows(query: QuerySelection, positions: Int)

  public var description: String {
    switch self {
    case .nonFiniteAttention(let chunk, let layer, let head, let row):
      "attention of layer \(layer), head \(head) is not finite in chunk \(chunk), row \(row): "
        + "the weights hold NaN or infinity, or the activations overflow"
    case .keyNormOutOfRange(let chunk, let layer, let kvHead):
      "a key norm of layer \(layer), KV head \(kvHead) is not finite, or 2^27 and above, in "
        + "chunk \(chunk): the weights hold NaN or infinity, or the activations overflow"
    case .nonFiniteVectors(let layer, let kvHead):
      "keys or values of layer \(layer), KV head \(kvHead) are not finite: the weights hold NaN or "
        + "infinity, or the activations overflow"
    case .duplicateRecord(let chunk, let layer, let kvHead):
      "chunk \(chunk), layer \(layer), KV head \(kvHead) was measured twice"
    case .recordShape(let chunk, let layer, let kvHead):
      "the record of chunk \(chunk), layer \(layer), KV head \(kvHead) does not fit the run"
    case .incompleteChunk(let chunk, let missing):
      "chunk \(chunk) lacks \(missing) of its records"
    case .noChunks:
      "no chunk was measured"
    case .sumOverflow(let layer):
      "the sums of layer \(layer) leave 64 bits"
    case .shapeMismatch:
      "the runs have different layers, heads or chunk lengths"
    case .noRows(let query, let positions):
      "--query \(query) starts at row \(QuerySelection.firstRowOfAll), but the chunk length is "
        + "\(positions)"
    }
  }
}
