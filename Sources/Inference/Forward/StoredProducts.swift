import CKernels
import ModelFiles
import Synchronization

/// Multiplies a few rows by weight matrices where they lie in the checkpoint: every thread takes runs
/// of weight rows and dots them with all rows of activations.
///
/// Each output is a sum of its own, so neither rows nor threads nor the length of runs change it.
final class StoredProducts {
  /// What is done with the products.
  enum Finish {
    /// Output = products, float32.
    case store
    /// Output += products, float32.
    case add
    /// Output = activation(gate) · up, or activation(up) where there is no gate, in `number`.
    case activate(alr_activation)
  }

  private let checkpoint: Checkpoint
  private let kernels: Kernels
  private let pool: WorkerPool
  private let number: alr_number
  /// (rows, depth) activations as float32, where they are bfloat16.
  private let wide = Buffer(bytes: 0)
  private let scratch: [Scratch]

  /// The memory of one worker.
  private struct Scratch {
    /// Weight rows as float32, where no kernel reads their type.
    let weights = Buffer(bytes: 0)
    /// Products before their activation.
    let products = Buffer(bytes: 0)
  }

  /// Bytes of weights that a thread takes at a time: long enough runs for memory to be read ahead,
  /// short enough for all threads to finish together.
  private static let bytesPerPiece = 48 << 10
  /// Columns of a transposed tensor that are widened together.
  private static let transposedColumns = 16

  init(checkpoint: Checkpoint, kernels: Kernels, pool: WorkerPool, number: alr_number) {
    self.checkpoint = checkpoint
    self.kernels = kernels
    self.pool = pool
    self.number = number
    scratch = (0..<pool.count).map { _ in Scratch() }
  }

  /// Rows of one part, or of gate and up.
  private struct Piece {
    let part: Int
    let rows: Range<Int>
  }

  /// Multiplies `rows` rows of `input`, in `number`.
  ///
  /// - Throws: `InferenceError.nonFiniteWeights`.
  func multiply(
    _ matrix: WeightMatrix, _ biases: [[Float]?], _ input: Rows, _ output: Rows, rows: Int,
    _ finish: Finish
  ) throws(InferenceError) {
    let source = widened(input, rows: rows, depth: matrix.depth)
    let pieces = pieces(of: matrix)
    let culprit = Mutex<String?>(nil)
    let width = kernels.panelWidth
    pool.run(pieces.count) { index, worker in
      let piece = pieces[index]
      let job = Job(
        matrix: matrix, biases: biases, source: source, rows: rows, scratch: scratch[worker])
      let found: String?
      switch finish {
      case .store, .add:
        var adds = false
        if case .add = finish { adds = true }
        let column = matrix.firstColumn(of: piece.part, panelWidth: width) + piece.rows.lowerBound
        found = dot(
          job, piece.part, piece.rows,
          to: Products(
            base: output.from(column: column).base.assumingMemoryBound(to: Float.self),
            stride: output.layout.stride), adds: adds)
      case .activate(let activation):
        found = activate(job, piece, activation, output)
      }
      if let found { culprit.withLock { $0 = min($0 ?? found, found) } }
    }
    if let tensor = culprit.withLock({ $0 }) { throw .nonFiniteWeights(tensor: tensor) }
  }

  /// What the pieces of one product have in common, and the scratch of the worker.
  private struct Job {
    let matrix: WeightMatrix
    let biases: [[Float]?]
    let source: Products
    let rows: Int
    let scratch: Scratch
  }

  /// float32 rows in memory.
  private struct Products {
    let base: UnsafeMutablePointer<Float>
    let stride: Int
  }

  /// The activations as float32.
  private func widened(_ input: Rows, rows: Int, depth: Int) -> Products {
    guard number == ALR_NUMBER_BF16 else {
      return Products(
        base: input.base.assumingMemoryBound(to: Float.self), stride: input.layout.stride)
    }
    let layout = RowLayout(columns: depth, elementSize: 4, panelWidth: kernels.panelWidth)
    wide.grow(to: rows * layout.bytesPerRow)
    let target = wide.floats
    for row in 0..<rows {
      alr_dequantize(
        ALR_STORED_BF16, input.from(row: row), target + row * layout.stride, depth)
    }
    return Products(base: target, stride: layout.stride)
  }

  private func pieces(of matrix: WeightMatrix) -> [Piece] {
    let parts = matrix.arrangement == .gated ? 0..<1 : matrix.parts.indices
    return parts.flatMap { index in
      let part = matrix.parts[index]
      let type = part.tensor.type
      let rowBytes = max(1, part.columns * type.bytesPerBlock / type.elementsPerBlock)
      let count = max(1, Self.bytesPerPiece / rowBytes).roundedUp(to: Self.transposedColumns)
      return stride(from: 0, to: part.rows, by: count).map {
        Piece(part: index, rows: $0..<min($0 + count, part.rows))
      }
    }
  }

  /// Products of a piece in scratch, then their activation.
  private func activate(
    _ job: Job, _ piece: Piece, _ activation: alr_activation, _ output: Rows
  ) -> String? {
    let count = piece.rows.count
    let isGated = job.matrix.arrangement == .gated
    let size = job.rows * count
    job.scratch.products.grow(to: 2 * size * MemoryLayout<Float>.stride)
    let first = job.scratch.products.floats
    let second = first + size
    var found = dot(
      job, piece.part, piece.rows, to: Products(base: first, stride: count), adds: false)
    if isGated {
      let other = dot(job, 1, piece.rows, to: Products(base: second, stride: count), adds: false)
      found = found ?? other
    }
    let target = output.from(column: piece.rows.lowerBound)
    for row in 0..<job.rows {
      kernels.table.pointee.activate(
        first + row * count, isGated ? second + row * count : nil, count, activation,
        target.from(row: row), number)
    }
    return found
  }

  /// Products with some rows of a part; the name of its tensor where one of its weights is not
  /// finite.
  private func dot(
    _ job: Job, _ index: Int, _ range: Range<Int>, to target: Products, adds: Bool
  ) -> String? {
    let part = job.matrix.parts[index]
    var product = alr_stored_product()
    product.a = UnsafePointer(job.source.base)
    product.a_stride = job.source.stride
    product.rows = job.rows
    product.depth = part.columns
    product.c_stride = target.stride
    product.adds = adds ? 1 : 0
    let bias = job.biases[index] ?? []
    bias.withUnsafeBufferPointer { bias in
      /// Dots `count` rows of weights, `first` rows into the range.
      func run(_ weights: UnsafeRawPointer, stride: Int, _ first: Int, _ count: Int) {
        product.weights = weights
        product.weight_stride = stride
        product.count = count
        product.c = target.base + first
        product.bias =
          bias.isEmpty ? nil : bias.baseAddress.map { $0 + range.lowerBound + first }
        _ = kernels.table.pointee.product_stored(&product)
      }
      if let type = part.dottedType {
        product.type = type
        let tensor = part.tensor
        let rowBytes =
          part.columns / tensor.type.elementsPerBlock * tensor.type.bytesPerBlock
        checkpoint.withBytes(of: tensor) { bytes in
          guard let base = bytes.baseAddress else { return }
          part.forEachRun(of: range) { row, stride, first, count in
            run(base + row * rowBytes, stride: stride * rowBytes, first, count)
          }
        }
      } else {
        product.type = ALR_STORED_F32
        let step = part.isTransposed ? Self.transposedColumns : 1
        for first in stride(from: 0, to: range.count, by: step) {
          let count = min(step, range.count - first)
          let start = range.lowerBound + first
          let weights = part.widened(
            start..<start + count, of: checkpoint, in: job.scratch.weights)
          run(weights, stride: part.columns * MemoryLayout<Float>.stride, first, count)
        }
      }
    }
    // A weight that is not finite leaves no product finite, so only then are they looked through.
    let table = kernels.table
    let isFinite = (0..<job.rows).allSatisfy {
      table.pointee.all_finite(target.base + $0 * target.stride, range.count) != 0
    }
    return isFinite || hasFiniteWeights(part, range, job.scratch.weights) ? nil : part.tensor.name
  }

  private func hasFiniteWeights(
    _ part: WeightMatrix.Part, _ range: Range<Int>, _ scratch: Buffer
  ) -> Bool {
    range.allSatisfy {
      kernels.table.pointee.all_finite(
        part.widened($0..<$0 + 1, of: checkpoint, in: scratch), part.columns) != 0
    }
  }
}

extension WeightMatrix.Part {
  /// The stored type where `product_stored` reads the rows as they lie.
  fileprivate var dottedType: alr_stored_type? {
    guard !isTransposed, scale == nil, let type = tensor.type.kernelType,
      type != ALR_STORED_F8_E4M3, type != ALR_STORED_F8_E5M2
    else { return nil }
    return type
  }

  /// Calls `body` for every stretch of output rows that are stored at equal distances: with the first
  /// stored row, the distance in rows, the first output row within `range`, and their count.
  fileprivate func forEachRun(
    of range: Range<Int>, _ body: (_ row: Int, _ stride: Int, _ first: Int, _ count: Int) -> Void
  ) {
    guard heads != nil else {
      if !range.isEmpty { body(storedRow(range.lowerBound), 1, 0, range.count) }
      return
    }
    var start = range.lowerBound
    while start < range.upperBound {
      let row = storedRow(start)
      var end = start + 1
      let step = end < range.upperBound ? storedRow(end) - row : 1
      while end < range.upperBound, step > 0, storedRow(end) == row + (end - start) * step {
        end += 1
      }
      body(row, step, start - range.lowerBound, end - start)
      start = end
    }
  }
}
