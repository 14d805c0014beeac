import CKernels
import ModelFiles

/// The activations of a pass, one row for each token. The memory stays from pass to pass.
final class Activations {
  let number: alr_number
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let pool: WorkerPool
  private let layouts: Layouts
  /// The sequences and positions of the rows: all of the pass, until a layer narrows them.
  private(set) var active = ActiveRows(PassRows(spans: []))
  /// Rows that there is room for.
  private var room = 0
  private let hiddenBuffer = Buffer(bytes: 0)
  private let normedBuffer = Buffer(bytes: 0)
  private let projectedBuffer = Buffer(bytes: 0)
  private let attendedBuffer = Buffer(bytes: 0)
  private let innerBuffer = Buffer(bytes: 0)
  private let branchBuffer = Buffer(bytes: 0)
  private let headScratch: [Buffer]
  /// Queries of narrowed rows: the keys of all stay where they are.
  private let narrowBuffer = Buffer(bytes: 0)
  private var isNarrow = false

  /// Row layouts of every buffer, from sizes alone.
  private struct Layouts {
    let hidden, normed, projected, attended, inner: RowLayout
    /// The output of a sublayer, where it is not added to the stream as it is computed.
    let branch: RowLayout?
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
      branch = spec.addsBranchesLater ? hidden : nil
    }

    var bytesPerRow: Int {
      [hidden, normed, projected, attended, inner].reduce(branch?.bytesPerRow ?? 0) {
        $0 + $1.bytesPerRow
      }
    }
  }

  init(spec: ArchitectureSpec, kernels: Kernels, pool: WorkerPool, number: alr_number) {
    self.spec = spec
    self.kernels = kernels
    self.pool = pool
    self.number = number
    layouts = Layouts(spec: spec, kernels: kernels, number: number)
    // A norm of heads writes whole panels, and so beyond its head.
    let columns = (spec.headCount * spec.headDim).roundedUp(to: kernels.panelWidth)
    headScratch = (0..<(spec.queryKeyNorm == nil ? 0 : pool.count)).map { _ in
      Buffer(floats: columns)
    }
  }

  /// Begins a pass over `rows`.
  private func begin(_ rows: PassRows) {
    active = ActiveRows(rows)
    isNarrow = false
    if active.count <= room { return }
    room = active.count
    hiddenBuffer.grow(to: room * layouts.hidden.bytesPerRow)
    normedBuffer.grow(to: room * layouts.normed.bytesPerRow)
    projectedBuffer.grow(to: room * layouts.projected.bytesPerRow)
    attendedBuffer.grow(to: room * layouts.attended.bytesPerRow)
    innerBuffer.grow(to: room * layouts.inner.bytesPerRow)
    branchBuffer.grow(to: room * (layouts.branch?.bytesPerRow ?? 0))
  }

  /// Bytes that a chunk of `length` tokens takes, of which the last layer computes queries for
  /// `lastRows`.
  static func bytesPerChunk(
    spec: ArchitectureSpec, kernels: Kernels, number: alr_number, length: Int, lastRows: Int
  ) -> Int {
    let layouts = Layouts(spec: spec, kernels: kernels, number: number)
    return length * layouts.bytesPerRow + lastRows * layouts.projected.bytesPerRow
  }

  /// Bytes that each thread takes.
  static func bytesPerWorker(spec: ArchitectureSpec, kernels: Kernels) -> Int {
    guard spec.queryKeyNorm != nil else { return 0 }
    return (spec.headCount * spec.headDim).roundedUp(to: kernels.panelWidth)
      * MemoryLayout<Float>.stride
  }

  /// Rows of the pass that are still in the buffers.
  var rows: Int { active.count }

  /// (rows, hidden) the residual stream, float32
  var hidden: Rows { Rows(base: hiddenBuffer.bytes, layout: layouts.hidden) }
  /// (rows, hidden) after the latest norm, in `number`
  var normed: Rows { Rows(base: normedBuffer.bytes, layout: layouts.normed) }
  /// (rows, queries | keys | values) float32, or queries alone once narrowed
  var projected: Rows {
    Rows(base: (isNarrow ? narrowBuffer : projectedBuffer).bytes, layout: layouts.projected)
  }
  /// (rows, heads · headDim) in `number`
  var attended: Rows { Rows(base: attendedBuffer.bytes, layout: layouts.attended) }
  /// (rows, intermediate) in `number`
  var inner: Rows { Rows(base: innerBuffer.bytes, layout: layouts.inner) }

  /// (rows, hidden) what a sublayer adds, float32
  var branch: Rows { Rows(base: branchBuffer.bytes, layout: layouts.hidden) }

  /// The projection's queries, at its front.
  var queries: Rows { projected }
  /// The projection's keys and, behind them, values; of all positions.
  var keys: Rows {
    Rows(base: projectedBuffer.bytes, layout: layouts.projected).from(column: layouts.keyColumn)
  }
  /// The projection's values, of all positions.
  var values: Rows {
    Rows(base: projectedBuffer.bytes, layout: layouts.projected).from(column: layouts.valueColumn)
  }

  /// x = scaled rows of the embedding, and of the positions where they are learned.
  func embed(_ rows: PassRows, model: Model) throws(InferenceError) {
    let vocabulary = spec.vocabularySize
    try spec.checkLength(rows.length)
    for id in rows.spans.lazy.flatMap(\.tokens) where !(0..<vocabulary).contains(Int(id)) {
      throw .tokenOutOfRange(id: Int(id), vocabulary: vocabulary)
    }
    begin(rows)
    let tokens = rows.spans.flatMap(\.tokens)
    let hidden = hidden
    let size = spec.hiddenSize
    let table = kernels.table
    let scale = spec.embeddingScale
    pool.run(tokens.count) { row, _ in
      let id = Int(tokens[row])
      let values = hidden.from(row: row).assumingMemoryBound(to: Float.self)
      model.checkpoint.widen(model.embedding.tensor, row: id, columns: 0..<size, into: values)
      model.embedding.scale?.apply(row: id, columns: 0..<size, to: values)
      if scale != 1 { table.pointee.multiply(values, scale, values, size) }
    }
    try requireFinite(model.embedding.tensor.name)
    guard let learned = model.positions else { return }
    let positions = rows.spans.flatMap(\.angles)
    pool.run(positions.count) { row, _ in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { vector in
        guard let vector = vector.baseAddress else { return }
        model.checkpoint.widen(learned, row: positions[row], columns: 0..<size, into: vector)
        let values = hidden.from(row: row).assumingMemoryBound(to: Float.self)
        table.pointee.add_scaled(vector, 1, values, size)
      }
    }
    try requireFinite(learned.name)
  }

  private func requireFinite(_ tensor: String) throws(InferenceError) {
    for row in 0..<rows {
      let values = hidden.from(row: row).assumingMemoryBound(to: Float.self)
      if kernels.table.pointee.all_finite(values, spec.hiddenSize) == 0 {
        throw .nonFiniteWeights(tensor: tensor)
      }
    }
  }

  /// normed = norm(x), or x itself where there is no norm.
  func normalize(by norm: LayerWeights.NormWeights?) {
    let table = kernels.table
    let source = hidden
    let target = normed
    let size = spec.hiddenSize
    guard let norm else {
      forEachRow { row, _ in
        let values = source.from(row: row).assumingMemoryBound(to: Float.self)
        table.pointee.convert(values, target.from(row: row), size, number)
      }
      return
    }
    let normalize = normalizer(norm)
    forEachRow { row, _ in
      let values = source.from(row: row).assumingMemoryBound(to: Float.self)
      normalize(values, 0, size, target.from(row: row), number)
    }
  }

  /// x += residual scale · norm(branch).
  func addBranch(normalizedBy norm: LayerWeights.NormWeights?) {
    let table = kernels.table
    let branch = branch
    let hidden = hidden
    let size = spec.hiddenSize
    let scale = spec.residualScale
    let normalize = norm.map(normalizer)
    forEachRow { row, _ in
      let values = branch.from(row: row).assumingMemoryBound(to: Float.self)
      normalize?(values, 0, size, UnsafeMutableRawPointer(values), ALR_NUMBER_F32)
      table.pointee.add_scaled(
        values, scale, hidden.from(row: row).assumingMemoryBound(to: Float.self), size)
    }
  }

  /// Normalises groups of the columns of queries or keys where they stand.
  func normalizeHeads(_ heads: Rows, rows: Int, by norm: LayerWeights.HeadNorm?) {
    guard let norm else { return }
    let normalize = normalizer(norm.weights)
    let size = norm.groupSize
    forEachRow(of: rows) { row, worker in
      let values = heads.from(row: row).assumingMemoryBound(to: Float.self)
      let scratch = headScratch[worker].floats
      for group in 0..<norm.groupCount {
        let columns = values + group * size
        normalize(
          columns, norm.firstWeight(ofGroup: group), size, UnsafeMutableRawPointer(scratch),
          ALR_NUMBER_F32)
        columns.update(from: scratch, count: size)
      }
    }
  }

  /// Sum of the squares of a float32 row.
  func squaredLength(of rows: Rows, row: Int) -> Double {
    let values = rows.from(row: row).assumingMemoryBound(to: Float.self)
    return (0..<spec.hiddenSize).reduce(0) { $0 + Double(values[$1]) * Double(values[$1]) }
  }

  /// What the model's norm takes the square root of, and divides by.
  func normedVariance(of rows: Rows, row: Int) -> Double {
    let count = Double(spec.hiddenSize)
    let square = squaredLength(of: rows, row: row) / count
    guard spec.norm.kind == .layer else { return square + Double(spec.norm.epsilon) }
    let values = rows.from(row: row).assumingMemoryBound(to: Float.self)
    let mean = (0..<spec.hiddenSize).reduce(0) { $0 + Double(values[$1]) } / count
    return square - mean * mean + Double(spec.norm.epsilon)
  }

  private typealias Normalizer = (
    _ x: UnsafePointer<Float>, _ firstWeight: Int, _ count: Int, _ y: UnsafeMutableRawPointer,
    _ number: alr_number
  ) -> Void

  /// The model's kind of norm with these weights.
  private func normalizer(_ norm: LayerWeights.NormWeights) -> Normalizer {
    let table = kernels.table
    let epsilon = spec.norm.epsilon
    switch spec.norm.kind {
    case .rms:
      return { x, first, count, y, number in
        norm.weight.withUnsafeBufferPointer { weight in
          table.pointee.rms_norm(
            x, weight.baseAddress.map { $0 + first }, epsilon, count, y, number)
        }
      }
    case .layer:
      return { x, first, count, y, number in
        norm.weight.withUnsafeBufferPointer { weight in
          (norm.bias ?? []).withUnsafeBufferPointer { bias in
            table.pointee.layer_norm(
              x, weight.baseAddress.map { $0 + first },
              bias.isEmpty ? nil : bias.baseAddress.map { $0 + first }, epsilon, count, y, number)
          }
        }
      }
    }
  }

  /// Calls `body` for every row, a block of them at a time, on all threads.
  private func forEachRow(of count: Int? = nil, _ body: (_ row: Int, _ worker: Int) -> Void) {
    let block = 32
    let rows = count ?? rows
    pool.run((rows + block - 1) / block) { piece, worker in
      for row in piece * block..<min((piece + 1) * block, rows) { body(row, worker) }
    }
  }

  /// Keeps some of the rows alone: x and its norm move to the front of their buffers.
  func narrow(to isKept: (_ span: ActiveRows.Span, _ position: Int) -> Bool) {
    let (rows, kept) = active.filtered(isKept)
    // Kept rows ascend, so they only move down.
    for (next, row) in kept.enumerated() where row != next {
      for buffer in [hidden, normed] {
        buffer.from(row: next).copyMemory(
          from: buffer.from(row: row), byteCount: buffer.layout.bytesPerRow)
      }
    }
    active = rows
    isNarrow = true
    narrowBuffer.grow(to: rows.count * layouts.projected.bytesPerRow)
  }
}

extension ArchitectureSpec {
  /// Whether what sublayers add is computed apart, to be normalised or scaled first.
  fileprivate var addsBranchesLater: Bool {
    residualScale != 1 || experts != nil
      || !normPlaces.isDisjoint(with: [.afterAttention, .afterFeedForward])
  }
}
