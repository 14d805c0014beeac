import CKernels
import ModelFiles

/// What this machine can do at most, and what matrix products and attention reach of it.
public struct KernelBenchmark {
  public let kernels: Kernels
  public let precision: Precision
  public let pool: WorkerPool

  public init(kernels: Kernels, precision: Precision, pool: WorkerPool) {
    self.kernels = kernels
    self.precision = precision
    self.pool = pool
  }

  private var number: alr_number { kernels.number(for: precision) }

  /// Operations a second of multiply-adds in registers, on all threads of the pool.
  public func peak() -> Double {
    let rounds = 4_000_000
    let workers = pool.count
    let sinks = Buffer(floats: workers * 16)
    let operations = Buffer(bytes: workers * MemoryLayout<Double>.stride * 8)
    let rates = (0..<5).map { _ in
      let timing = Timing.interleaved(rounds: 1) {
        pool.run(workers) { piece, _ in
          let sink = sinks.floats + piece * 16
          sink[0] = 1.0001
          sink[1] = 0.9999
          operations.bytes.storeBytes(
            of: kernels.table.pointee.peak(rounds, number, sink), toByteOffset: piece * 64,
            as: Double.self)
        }
      }
      let total = (0..<workers).reduce(0.0) {
        $0 + operations.bytes.load(fromByteOffset: $1 * 64, as: Double.self)
      }
      return total / timing.median
    }
    // The peak is what the machine can do, so the best run counts.
    return rates.max() ?? 0
  }

  /// A product of activations (tokens, inner) with random bf16 weights (outer, inner), packing
  /// included, as a pass runs it.
  public final class Product {
    public let tokens: Int, inner: Int, outer: Int
    private let stage: ProductStage
    private let matrix: WeightMatrix
    private let input: Buffer
    private let output: Buffer
    private let inputRows: Rows
    private let outputRows: Rows

    public var operations: Double { 2 * Double(tokens) * Double(inner) * Double(outer) }

    fileprivate init(_ benchmark: KernelBenchmark, tokens: Int, inner: Int, outer: Int) throws {
      self.tokens = tokens
      self.inner = inner
      self.outer = outer
      let kernels = benchmark.kernels, number = benchmark.number
      let checkpoint = try SyntheticCheckpoint.matrix(rows: outer, columns: inner)
      matrix = WeightMatrix(
        parts: [.init(tensor: checkpoint.tensors[0], interleavedHeadDim: nil)],
        arrangement: .consecutive)
      stage = ProductStage(
        checkpoint: checkpoint, kernels: kernels, pool: benchmark.pool, number: number)
      let width = kernels.panelWidth
      let inputLayout = RowLayout(
        columns: inner, elementSize: number.byteCount, panelWidth: width)
      let outputLayout = RowLayout(columns: outer, elementSize: 4, panelWidth: width)
      input = Buffer(bytes: tokens * inputLayout.bytesPerRow)
      output = Buffer(bytes: tokens * outputLayout.bytesPerRow)
      inputRows = Rows(base: input.bytes, layout: inputLayout)
      outputRows = Rows(base: output.bytes, layout: outputLayout)
    }

    public func run() throws {
      try stage.store(matrix, biases: [nil], from: inputRows, to: outputRows, rows: tokens)
    }
  }

  public func product(tokens: Int, inner: Int, outer: Int) throws -> Product {
    try Product(self, tokens: tokens, inner: inner, outer: outer)
  }
}
