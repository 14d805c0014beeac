import Results

/// What a chunk gave as single numbers; NaN where undefined.
struct ChunkValues: Sendable {
  /// One number of a head.
  struct Field: Sendable {
    let value: WritableKeyPath<HeadValues, Double> & Sendable
    /// The arrays of the result that hold it, of query heads and of KV heads.
    let heads: ResultArray
    let kvHeads: ResultArray

    static let all = [
      Field(value: \.alr, heads: .alr, kvHeads: .kvALR),
      Field(value: \.alrNormalized, heads: .alrNormalized, kvHeads: .kvALRNormalized),
      Field(value: \.randomALR, heads: .randomALR, kvHeads: .kvRandomALR),
      Field(value: \.spearman, heads: .spearman, kvHeads: .kvSpearman),
    ]
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

  /// (layer, head)
  private(set) var heads: [HeadValues]
  /// (layer, kvHead)
  private(set) var kvHeads: [HeadValues]
  /// Whether the record of (layer, kvHead) is there.
  private var present: [Bool]
  private(set) var missing: Int

  init(_ shape: RunShape) {
    let layers = shape.layers.count
    heads = Array(repeating: HeadValues(), count: layers * shape.heads)
    kvHeads = Array(repeating: HeadValues(), count: layers * shape.kvHeads)
    present = Array(repeating: false, count: layers * shape.kvHeads)
    missing = layers * shape.kvHeads
  }

  /// Bytes that the values of a chunk take.
  static func byteCount(_ shape: RunShape) -> Int {
    shape.layers.count
      * ((shape.heads + shape.kvHeads) * MemoryLayout<HeadValues>.stride + shape.kvHeads)
  }

  /// Takes the numbers of a record; whether it was not there before.
  mutating func add(_ record: KVHeadRecord, _ shape: RunShape) -> Bool {
    let place = record.layer * shape.kvHeads + record.kvHead
    if present[place] { return false }
    present[place] = true
    missing -= 1
    kvHeads[place] = HeadValues(record.group)
    let firstHead = record.layer * shape.heads + record.kvHead * shape.groupSize
    for (i, head) in record.heads.enumerated() { heads[firstHead + i] = HeadValues(head) }
    return true
  }
}
