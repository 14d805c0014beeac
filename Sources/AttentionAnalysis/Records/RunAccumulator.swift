/// The chunk records of a run, or of part of one, summed.
///
/// Per-chunk values are kept by chunk index; curves and position-wise values are summed as
/// integers. So records may come in any order, and accumulators may be merged in any grouping:
/// the result is the same to the last bit.
public struct RunAccumulator: Sendable {
  /// Folds that curves are kept in: fold = chunk index mod 8.
  public static let foldCount = 8

  public let shape: RunShape
  /// Per-chunk values by chunk index.
  private(set) var chunks: [Int: ChunkValues] = [:]
  /// (fold, layer, head, point)
  private(set) var attentionLoss: [Int64]
  private(set) var referenceLoss: [Int64]
  /// (fold, layer, kvHead, point)
  private(set) var kvAttentionLoss: [Int64]
  private(set) var kvReferenceLoss: [Int64]
  /// (layer, kvHead, position)
  private(set) var keyNorms: [Int64]
  /// (layer, head, position)
  private(set) var attention: [Int64]

  /// What a chunk gave as single numbers; NaN where undefined.
  struct ChunkValues: Sendable {
    /// (layer, head)
    var heads: [HeadValues]
    /// (layer, kvHead)
    var kvHeads: [HeadValues]
    /// Whether the record of (layer, kvHead) is there.
    var present: [Bool]
    var missing: Int
  }

  struct HeadValues: Sendable {
    var alr = Double.nan
    var alrNormalized = Double.nan
    var randomALR = Double.nan
    var spearman = Double.nan

    init() {}

    init(_ record: HeadRecord) {
      alr = record.alr
      alrNormalized = record.alrNormalized
      randomALR = record.randomALR
      spearman = record.spearman
    }
  }

  public init(shape: RunShape) {
    self.shape = shape
    let layers = shape.layers.count
    let curves = Self.foldCount * layers * curvePointCount
    attentionLoss = [Int64](repeating: 0, count: curves * shape.heads)
    referenceLoss = attentionLoss
    kvAttentionLoss = [Int64](repeating: 0, count: curves * shape.kvHeads)
    kvReferenceLoss = kvAttentionLoss
    keyNorms = [Int64](repeating: 0, count: layers * shape.kvHeads * shape.chunkLength)
    attention = [Int64](repeating: 0, count: layers * shape.heads * shape.chunkLength)
  }

  /// Bytes that the sums, and the values of `chunks` chunks, take.
  static func byteCount(_ shape: RunShape, chunks: Int) -> Int {
    let rows = shape.layers.count * (shape.heads + shape.kvHeads)
    let sums = rows * (2 * foldCount * curvePointCount + shape.chunkLength)
    let perChunk =
      rows * MemoryLayout<HeadValues>.stride + shape.layers.count * shape.kvHeads
    return sums * MemoryLayout<Int64>.stride + chunks * perChunk
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
    let layers = shape.layers.count
    let slot = record.layer * shape.kvHeads + record.kvHead
    let firstHead = record.layer * shape.heads + record.kvHead * shape.groupSize
    var values =
      chunks.removeValue(forKey: record.chunk)
      ?? ChunkValues(
        heads: Array(repeating: HeadValues(), count: layers * shape.heads),
        kvHeads: Array(repeating: HeadValues(), count: layers * shape.kvHeads),
        present: Array(repeating: false, count: layers * shape.kvHeads),
        missing: layers * shape.kvHeads)
    let isDuplicate = values.present[slot]
    if !isDuplicate {
      values.present[slot] = true
      values.missing -= 1
      values.kvHeads[slot] = HeadValues(record.group)
      for (i, head) in record.heads.enumerated() { values.heads[firstHead + i] = HeadValues(head) }
    }
    chunks[record.chunk] = values
    if isDuplicate {
      throw .duplicateRecord(chunk: record.chunk, layer: record.layer, kvHead: record.kvHead)
    }

    let fold = record.chunk % Self.foldCount
    let n = shape.chunkLength
    var overflow = false
    let kvCurve = (fold * layers * shape.kvHeads + slot) * curvePointCount
    overflow = Self.add(record.group.attentionLoss, to: &kvAttentionLoss, at: kvCurve) || overflow
    overflow = Self.add(record.group.referenceLoss, to: &kvReferenceLoss, at: kvCurve) || overflow
    let firstKey = slot * n + n - record.keyNorms.count
    overflow = Self.add(record.keyNorms, to: &keyNorms, at: firstKey) || overflow
    for (i, head) in record.heads.enumerated() {
      let curve = (fold * layers * shape.heads + firstHead + i) * curvePointCount
      overflow = Self.add(head.attentionLoss, to: &attentionLoss, at: curve) || overflow
      overflow = Self.add(head.referenceLoss, to: &referenceLoss, at: curve) || overflow
      let first = (firstHead + i) * n + n - head.attention.count
      overflow = Self.add(head.attention, to: &attention, at: first) || overflow
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
    var overflow = Self.add(other.attentionLoss, to: &attentionLoss, at: 0)
    overflow = Self.add(other.referenceLoss, to: &referenceLoss, at: 0) || overflow
    overflow = Self.add(other.kvAttentionLoss, to: &kvAttentionLoss, at: 0) || overflow
    overflow = Self.add(other.kvReferenceLoss, to: &kvReferenceLoss, at: 0) || overflow
    overflow = Self.add(other.keyNorms, to: &keyNorms, at: 0) || overflow
    overflow = Self.add(other.attention, to: &attention, at: 0) || overflow
    if overflow { throw .sumOverflow(layer: 0) }
  }

  private func fits(_ record: KVHeadRecord) -> Bool {
    guard record.chunk >= 0, shape.layers.indices.contains(record.layer),
      (0..<shape.kvHeads).contains(record.kvHead), record.heads.count == shape.groupSize
    else { return false }
    let candidates = shape.candidates(layer: record.layer)
    func isCurve(_ head: HeadRecord) -> Bool {
      head.attentionLoss.count == curvePointCount && head.referenceLoss.count == curvePointCount
    }
    return record.keyNorms.count == candidates && isCurve(record.group)
      && record.heads.allSatisfy { isCurve($0) && $0.attention.count == candidates }
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
