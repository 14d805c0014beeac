import CKernels
import ModelFiles
import Synchronization

/// Multiplies rows by weight matrices: panels of weights are packed on all threads, then tiles
/// of the output are computed on all threads, a bounded amount of packed weights at a time; or
/// weights are dotted as they are stored.
final class ProductStage {
  private let packer: PanelPacker
  private let kernels: Kernels
  private let pool: WorkerPool
  private let number: alr_number
  private let packed = Buffer(bytes: 0)
  private let scratch: [Buffer]
  private let stored: StoredProducts
  /// How the pass that works with this stage reads weights.
  var reading = WeightReading.packed

  /// Packed weights at a time: enough panels to keep every thread busy, little enough to stay
  /// out of the way of everything else.
  private static let mostPackedBytes = 32 << 20
  /// Rows of one piece of work: whole register tiles, few enough to stay in the nearest caches.
  private static let tilesPerPiece = 4
  /// Pieces a thread at least, so that the last ones finish together.
  private static let piecesPerWorker = 24

  init(checkpoint: Checkpoint, kernels: Kernels, pool: WorkerPool, number: alr_number) {
    stored = StoredProducts(
      checkpoint: checkpoint, kernels: kernels, pool: pool, number: number)
    packer = PanelPacker(checkpoint: checkpoint, kernels: kernels, number: number)
    self.kernels = kernels
    self.pool = pool
    self.number = number
    let scratchCount = packer.scratchCount
    scratch = (0..<pool.count).map { _ in Buffer(floats: scratchCount) }
  }

  /// Packed panels at a time.
  private static func panelsAtOnce(_ panelBytes: Int) -> Int {
    max(1, mostPackedBytes / max(1, panelBytes))
  }

  /// Bytes that the packed panels of these matrices take, one matrix after another.
  static func packedBytes(_ matrices: [WeightMatrix], _ packer: PanelPacker) -> Int {
    let width = packer.kernels.panelWidth
    return matrices.reduce(0) { most, matrix in
      let panelBytes = packer.panelBytes(matrix)
      let panels = min(matrix.panelCount(width: width), panelsAtOnce(panelBytes))
      return max(most, panels * panelBytes)
    }
  }

  /// Bytes that each thread takes.
  static func bytesPerWorker(_ packer: PanelPacker) -> Int {
    packer.scratchCount * MemoryLayout<Float>.stride
  }

  /// Output = input · matrixᵀ + bias, float32.
  func store(
    _ matrix: WeightMatrix, biases: [[Float]?], from input: Rows, to output: Rows, rows: Int
  ) throws(InferenceError) {
    try multiply(matrix, biases, input, output, rows, .store)
  }

  /// Queries, keys and values, one after another from the first one's column on.
  func project(
    _ projections: [LayerWeights.Projection], from input: Rows, to output: Rows, rows: Int
  ) throws(InferenceError) {
    try store(
      WeightMatrix(parts: projections.map(\.part), arrangement: .consecutive),
      biases: projections.map(\.bias), from: input, to: output, rows: rows)
  }

  /// Output += input · matrixᵀ + bias, float32.
  func add(
    _ weights: LayerWeights.BiasedMatrix, from input: Rows, to output: Rows, rows: Int
  ) throws(InferenceError) {
    try multiply(weights.matrix, weights.biases, input, output, rows, .add)
  }

  /// Output = activation(gate) · up, or activation(up) where there is no gate.
  func activate(
    _ weights: LayerWeights.BiasedMatrix, _ activation: Activation, from input: Rows,
    to output: Rows, rows: Int
  ) throws(InferenceError) {
    try multiply(
      weights.matrix, weights.biases, input, output, rows, .activate(activation.kernel))
  }

  private func multiply(
    _ matrix: WeightMatrix, _ biases: [[Float]?], _ input: Rows, _ output: Rows, _ rows: Int,
    _ finish: StoredProducts.Finish
  ) throws(InferenceError) {
    if reading == .stored {
      try stored.multiply(matrix, biases, input, output, rows: rows, finish)
      return
    }
    let table = kernels.table
    let width = kernels.panelWidth
    let bias = paddedBias(biases, matrix)
    let panelBytes = packer.panelBytes(matrix)
    let panelsAtOnce = Self.panelsAtOnce(panelBytes)
    let panels = matrix.panelCount(width: width)
    for first in stride(from: 0, to: panels, by: panelsAtOnce) {
      let count = min(panelsAtOnce, panels - first)
      packed.grow(to: count * panelBytes)
      try pack(matrix, first..<first + count, panelBytes)

      let columnsPerPanel = matrix.arrangement == .gated ? width / 2 : width
      let tileRows = kernels.rowTile * Self.tilesPerPiece
      let rowPieces = (rows + tileRows - 1) / tileRows
      let wanted = Self.piecesPerWorker * pool.count
      let panelsPerPiece = max(1, rowPieces * count / wanted)
      let panelPieces = (count + panelsPerPiece - 1) / panelsPerPiece
      bias.withUnsafeBufferPointer { bias in
        // Neighbouring pieces share panels, so that two threads read the same weights.
        pool.run(rowPieces * panelPieces) { piece, _ in
          let row = piece % rowPieces * tileRows
          let panel = piece / rowPieces * panelsPerPiece
          var job = alr_product()
          job.a = UnsafeRawPointer(input.from(row: row))
          job.a_stride = input.layout.stride
          job.rows = min(tileRows, rows - row)
          job.depth = number == ALR_NUMBER_BF16 ? matrix.depth.roundedUp(to: 2) : matrix.depth
          job.panels = UnsafeRawPointer(packed.bytes + panel * panelBytes)
          job.panel_stride = panelBytes / number.byteCount
          job.panel_count = min(panelsPerPiece, count - panel)
          job.c =
            output.from(row: row) + (first + panel) * columnsPerPanel * output.layout.elementSize
          job.c_stride = output.layout.stride
          job.bias = bias.isEmpty ? nil : bias.baseAddress.map { $0 + (first + panel) * width }
          job.number = number
          switch finish {
          case .store: table.pointee.product(&job)
          case .add: table.pointee.product_add(&job)
          case .activate(let activation):
            if matrix.arrangement == .gated {
              table.pointee.product_gated(&job, activation)
            } else {
              table.pointee.product_activated(&job, activation)
            }
          }
        }
      }
    }
  }

  private func pack(
    _ matrix: WeightMatrix, _ panels: Range<Int>, _ panelBytes: Int
  ) throws(InferenceError) {
    let culprit = Mutex<String?>(nil)
    pool.run(panels.count) { index, worker in
      let found = packer.pack(
        matrix, panel: panels.lowerBound + index, into: packed.bytes + index * panelBytes,
        scratch: scratch[worker].floats)
      if let found { culprit.withLock { $0 = min($0 ?? found, found) } }
    }
    if let tensor = culprit.withLock({ $0 }) { throw .nonFiniteWeights(tensor: tensor) }
  }

  /// One bias a packed column; empty where there is none.
  private func paddedBias(_ biases: [[Float]?], _ matrix: WeightMatrix) -> [Float] {
    guard biases.contains(where: { $0 != nil }) else { return [] }
    let width = kernels.panelWidth
    var padded = [Float](repeating: 0, count: matrix.panelCount(width: width) * width)
    for (index, bias) in biases.enumerated() {
      for (row, value) in (bias ?? []).enumerated() {
        switch matrix.arrangement {
        case .consecutive:
          padded[matrix.firstColumn(of: index, panelWidth: width) + row] = value
        case .gated:
          let half = width / 2
          padded[row / half * width + index * half + row % half] = value
        }
      }
    }
    return padded
  }
}

extension Activation {
  fileprivate var kernel: alr_activation {
    switch self {
    case .silu: ALR_ACTIVATION_SILU
    case .gelu: ALR_ACTIVATION_GELU
    case .geluTanh: ALR_ACTIVATION_GELU_TANH
    case .geluQuick: ALR_ACTIVATION_GELU_QUICK
    }
  }
}
