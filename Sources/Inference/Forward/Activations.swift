import CKernels
import ModelFiles

/// What flows between the products of a pass: one row a token, chunk after chunk.
struct Activations {
  let number: alr_number
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let pool: WorkerPool
  private let chunks: Int
  private let layouts: Layouts
  /// Positions within a chunk that the rows stand for; all until the last layer narrows them.
  private(set) var positions: [Int]
  private let hiddenBuffer: Buffer
  private let normedBuffer: Buffer
  private let projectedBuffer: Buffer
  private let attendedBuffer: Buffer
  private let innerBuffer: Buffer
  /// Queries of a narrowed last layer: its keys stay where they are.
  private var narrowQueries: Buffer?

  /// Row layouts of every buffer, from sizes alone.
  private struct Layouts {
    let hidden, normed, projected, attended, inner: RowLayout
    /// Columns of the projection where keys and values begin.
    let keyColumn, valueColumn: Int

    init(spec: ArchitectureSpec, kernels: Kernels, number: alr_number) {
      let width = kernels.panelWidth
      func layout(_ columns: Int, _ size: Int) -> RowLayout {
        RowLayout(columns: columns, elementSize: size, panelWidth: width)
      }
      let queryColumns = spec.headCount * spec.headDim
      let keyColumns = spec.kvHeadCount * spec.headDim
      keyColumn = queryColumns.roundedUp(to: width)
      valueColumn = keyColumn + keyColumns.roundedUp(to: width)
      hidden = layout(spec.hiddenSize, 4)
      normed = layout(spec.hiddenSize, number.byteCount)
      projected = layout(valueColumn + keyColumns.roundedUp(to: width), 4)
      attended = layout(queryColumns, number.byteCount)
      inner = layout(spec.intermediateSize, number.byteCount)
    }

    var bytesPerRow: Int {
      [hidden, normed, projected, attended, inner].reduce(0) { $0 + $1.bytesPerRow }
    }
  }

  init(
    spec: ArchitectureSpec, kernels: Kernels, precision: Precision, pool: WorkerPool,
    batch: TokenBatch
  ) {
    self.spec = spec
    self.kernels = kernels
    self.pool = pool
    number = kernels.number(for: precision)
    chunks = batch.tokens.count
    positions = Array(0..<batch.length)
    layouts = Layouts(spec: spec, kernels: kernels, number: number)
    let rows = chunks * batch.length
    hiddenBuffer = Buffer(bytes: rows * layouts.hidden.bytesPerRow)
    normedBuffer = Buffer(bytes: rows * layouts.normed.bytesPerRow)
    projectedBuffer = Buffer(bytes: rows * layouts.projected.bytesPerRow)
    attendedBuffer = Buffer(bytes: rows * layouts.attended.bytesPerRow)
    innerBuffer = Buffer(bytes: rows * layouts.inner.bytesPerRow)
  }

  static func bytesPerChunk(
    spec: ArchitectureSpec, kernels: Kernels, precision: Precision, length: Int
  ) -> Int {
    let number = kernels.number(for: precision)
    let rows = Layouts(spec: spec, kernels: kernels, number: number).bytesPerRow * length
    let cache = AttentionStage.bytesPerChunk(
      spec: spec, kernels: kernels, number: number, length: length)
    return rows + cache
  }

  /// Rows of all chunks.
  var rows: Int { chunks * positions.count }
  var allPositions: [Int] { positions }

  /// (rows, hidden) the residual stream, float32
  var hidden: Rows { Rows(base: hiddenBuffer.bytes, layout: layouts.hidden) }
  /// (rows, hidden) after the latest norm, in `number`
  var normed: Rows { Rows(base: normedBuffer.bytes, layout: layouts.normed) }
  /// (rows, queries | keys | values) float32, or queries alone once narrowed
  var projected: Rows {
    Rows(base: (narrowQueries ?? projectedBuffer).bytes, layout: layouts.projected)
  }
  /// (rows, heads · headDim) in `number`
  var attended: Rows { Rows(base: attendedBuffer.bytes, layout: layouts.attended) }
  /// (rows, intermediate) in `number`
  var inner: Rows { Rows(base: innerBuffer.bytes, layout: layouts.inner) }

  var queries: Rows { projected }
  /// Where the projection's keys begin, of all positions.
  var keyColumns: Rows {
    Rows(base: projectedBuffer.bytes, layout: layouts.projected).from(column: layouts.keyColumn)
  }
  var keys: Rows { keyColumns }
  var values: Rows {
    Rows(base: projectedBuffer.bytes, layout: layouts.projected).from(column: layouts.valueColumn)
  }

  /// x = rows of the embedding.
  mutating func embed(_ batch: TokenBatch, model: Model) throws(InferenceError) {
    let vocabulary = spec.vocabularySize
    for id in batch.tokens.joined() where !(0..<vocabulary).contains(Int(id)) {
      throw .tokenOutOfRange(id: Int(id), vocabulary: vocabulary)
    }
    let hidden = hidden
    let length = batch.length
    let size = spec.hiddenSize
    pool.run(batch.tokens.count * length) { row, _ in
      let id = Int(batch.tokens[row / length][row % length])
      model.checkpoint.widen(
        model.embedding, row: id, columns: 0..<size,
        into: hidden.from(row: row).assumingMemoryBound(to: Float.self))
    }
    for row in 0..<batch.tokens.count * length {
      let values = hidden.from(row: row).assumingMemoryBound(to: Float.self)
      if kernels.table.pointee.all_finite(values, size) == 0 {
        throw .nonFiniteWeights(tensor: model.embedding.name)
      }
    }
  }

  /// normed = x / rms(x) · weight.
  func normalize(by weight: [Float]) {
    let block = 32
    let table = kernels.table
    let source = hidden
    let target = normed
    let rows = rows
    weight.withUnsafeBufferPointer { weight in
      pool.run((rows + block - 1) / block) { piece, _ in
        for row in piece * block..<min((piece + 1) * block, rows) {
          table.pointee.rms_norm(
            source.from(row: row).assumingMemoryBound(to: Float.self), weight.baseAddress,
            spec.normEpsilon, spec.hiddenSize, target.from(row: row), number)
        }
      }
    }
  }

  /// Keeps the rows of some positions alone: x and its norm move to the front of their buffers.
  mutating func narrow(to kept: [Int]) {
    var next = 0
    for chunk in 0..<chunks {
      // A kept position is an index into the present ones; both ascend, so rows only move down.
      for position in kept {
        let row = chunk * positions.count + position
        for buffer in [hidden, normed] where row != next {
          buffer.from(row: next).copyMemory(
            from: buffer.from(row: row), byteCount: buffer.layout.bytesPerRow)
        }
        next += 1
      }
    }
    positions = kept.map { positions[$0] }
    narrowQueries = Buffer(bytes: rows * layouts.projected.bytesPerRow)
  }
}
