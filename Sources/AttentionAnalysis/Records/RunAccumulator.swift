import Results

/// The chunk records of a run, or of part of one, summed.
///
/// Per-chunk values are kept by chunk index; curves and position-wise values are summed as
/// integers. So records may come in any order, and accumulators may be merged in any grouping:
/// the result is the same to the last bit.
public struct RunAccumulator: Sendable {
  public let shape: RunShape
  /// Per-chunk values by chunk index.
  private(set) var chunks: [Int: ChunkValues] = [:]
  /// One a `SumArray`, in their order.
  private(set) var sums: [[Int64]]

  public init(shape: RunShape) {
    self.shape = shape
    sums = SumArray.all.map { [Int64](repeating: 0, count: $0.count(of: shape)) }
  }

  /// Bytes that the sums, and the values of `chunks` chunks, take.
  static func byteCount(_ shape: RunShape, chunks: Int) -> Int {
    SumArray.all.reduce(0) { $0 + $1.count(of: shape) } * MemoryLayout<Int64>.stride
      + chunks * ChunkValues.byteCount(shape)
  }

  /// Chunks of which at least one record was added.
  public var chunkCount: Int { chunks.count }

  /// Adds a whole chunk.
  public mutating func add(_ record: ChunkRecord) throws(MeasurementError) {
    for kvHead in record.kvHeads { try add(kvHead) }
  }

  /// Adds one KV head of one chunk.
  ///
  /// - Throws: `MeasurementError` where the record was added before, does not fit the shape, or
  ///   overflows a sum. The accumulator is of no use after an overflow.
  public mutating func add(_ record: KVHeadRecord) throws(MeasurementError) {
    guard fits(record) else {
      throw .recordShape(chunk: record.chunk, layer: record.layer, kvHead: record.kvHead)
    }
    guard chunks[record.chunk, default: ChunkValues(shape)].add(record, shape) else {
      throw .duplicateRecord(chunk: record.chunk, layer: record.layer, kvHead: record.kvHead)
    }
    var overflow = false
    for (index, array) in SumArray.all.enumerated() {
      for (row, terms) in array.terms(record).enumerated() {
        let first = array.first(of: record, row: row, in: shape)
        overflow = Self.add(terms, to: &sums[index], at: first) || overflow
      }
    }
    if overflow { throw .sumOverflow(layer: record.layer) }
  }

  /// Adds another part of the same run.
  ///
  /// - Throws: `MeasurementError` where the shapes differ, a chunk is in both, or a sum overflows.
  public mutating func merge(_ other: RunAccumulator) throws(MeasurementError) {
    guard other.shape == shape else { throw .shapeMismatch }
    for chunk in other.chunks.keys.sorted() where chunks[chunk] != nil {
      throw .duplicateRecord(chunk: chunk, layer: 0, kvHead: 0)
    }
    chunks.merge(other.chunks) { mine, _ in mine }
    var overflow = false
    for index in sums.indices {
      overflow = Self.add(other.sums[index], to: &sums[index], at: 0) || overflow
    }
    if overflow { throw .sumOverflow(layer: 0) }
  }

  private func fits(_ record: KVHeadRecord) -> Bool {
    guard record.chunk >= 0, shape.layers.indices.contains(record.layer),
      (0..<shape.kvHeads).contains(record.kvHead), record.heads.count == shape.groupSize
    else { return false }
    return SumArray.all.allSatisfy { array in
      let count = array.termCount(layer: record.layer, of: shape)
      let terms = array.terms(record)
      return terms.isEmpty != array.isMeasured(shape)
        && terms.allSatisfy { $0.count == count }
    }
  }

  /// Whether a sum overflowed.
  private static func add(_ terms: [Int64], to sums: inout [Int64], at first: Int) -> Bool {
    var anyOverflow = false
    sums.withUnsafeMutableBufferPointer { sums in
      terms.withUnsafeBufferPointer { terms in
        for i in 0..<terms.count {
          let (sum, overflow) = sums[first + i].addingReportingOverflow(terms[i])
          sums[first + i] = sum
          anyOverflow = anyOverflow || overflow
        }
      }
    }
    return anyOverflow
  }
}
