import CKernels
import ModelFiles
import Synchronization

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

  /// Multiply-adds in registers on all threads of the pool: what no kernel can pass.
  public final class Peak {
    private let benchmark: KernelBenchmark
    private let sinks: Buffer
    private static let rounds = 1_000_000

    /// Operations of one run.
    public private(set) var operations = 0.0

    fileprivate init(_ benchmark: KernelBenchmark) {
      self.benchmark = benchmark
      sinks = Buffer(floats: benchmark.pool.count * 16)
    }

    public func run() {
      let done = Mutex(0.0)
      benchmark.pool.run(benchmark.pool.count) { piece, _ in
        let sink = sinks.floats + piece * 16
        sink[0] = 1.0001
        sink[1] = 0.9999
        let count = benchmark.kernels.table.pointee.peak(Self.rounds, benchmark.number, sink)
        done.withLock { $0 += count }
      }
      operations = done.withLock { $0 }
    }
  }

  public func peak() -> Peak { Peak(self) }

  /// A product of activations (tokens, inner) with weights (outer, inner), packing included, as a
  /// pass runs it.
  public final class Product {
    public let tokens: Int, inner: Int, outer: Int
    private let stage: ProductStage
    private let matrix: WeightMatrix
    private let input: Buffer
    private let output: Buffer
    private let inputRows: Rows
    private let outputRows: Rows

    public var operations: Double { 2 * Double(tokens) * Double(inner) * Double(outer) }

    fileprivate init(
      _ benchmark: KernelBenchmark, tokens: Int, matrix: WeightMatrix, checkpoint: Checkpoint
    ) {
      self.tokens = tokens
      self.matrix = matrix
      inner = matrix.depth
      outer = matrix.parts.reduce(0) { $0 + $1.rows }
      let kernels = benchmark.kernels
      let number = benchmark.number
      stage = ProductStage(
        checkpoint: checkpoint, kernels: kernels, pool: benchmark.pool, number: number)
      let width = kernels.panelWidth
      let inputLayout = RowLayout(
        columns: inner, elementSize: number.byteCount, panelWidth: width)
      let outputLayout = RowLayout(
        columns: matrix.parts.reduce(0) { $0 + $1.rows.roundedUp(to: width) }, elementSize: 4,
        panelWidth: width)
      input = Buffer(bytes: tokens * inputLayout.bytesPerRow)
      output = Buffer(bytes: tokens * outputLayout.bytesPerRow)
      inputRows = Rows(base: input.bytes, layout: inputLayout)
      outputRows = Rows(base: output.bytes, layout: outputLayout)
      fill(input)
    }

    public func run() throws {
      try stage.store(
        matrix, biases: matrix.parts.map { _ in nil }, from: inputRows, to: outputRows, rows: tokens
      )
    }
  }

  /// Causal attention of one layer over one chunk, keys and values packed along the way.
  public final class Attention {
    public let length: Int
    private let spec: ArchitectureSpec
    private let stage: AttentionStage
    private let cache: KVCache
    private let active: ActiveRows
    private let projected: Buffer
    private let output: Buffer
    private let projectedRows: Rows
    private let outputRows: Rows

    /// n(n + 1) / 2 pairs a head, 4 · headDim operations each.
    public var operations: Double {
      let pairs = Double(length) * Double(length + 1) / 2
      return pairs * Double(4 * spec.headDim * spec.headCount)
    }

    fileprivate init(_ benchmark: KernelBenchmark, spec: ArchitectureSpec, length: Int) {
      self.length = length
      self.spec = spec
      let number = benchmark.number
      let width = benchmark.kernels.panelWidth
      let rows = PassRows(sequences: [[Int32](repeating: 0, count: length)])
      active = ActiveRows(rows)
      stage = AttentionStage(
        spec: spec, kernels: benchmark.kernels, pool: benchmark.pool, number: number)
      cache = KVCache(
        spec: spec, kernels: benchmark.kernels, number: number, mode: .transient,
        sequences: rows.sequences)
      cache.rotaries.prepare(positions: rows.angles, length: length, isFinal: true)
      let columns = (spec.headCount + 2 * spec.kvHeadCount) * spec.headDim
      let layout = RowLayout(columns: columns, elementSize: 4, panelWidth: width)
      let outputLayout = RowLayout(
        columns: spec.headCount * spec.headDim, elementSize: number.byteCount, panelWidth: width)
      projected = Buffer(bytes: length * layout.bytesPerRow)
      output = Buffer(bytes: length * outputLayout.bytesPerRow)
      projectedRows = Rows(base: projected.bytes, layout: layout)
      outputRows = Rows(base: output.bytes, layout: outputLayout)
      fill(projected)
    }

    public func run() {
      let keyColumn = spec.headCount * spec.headDim
      cache.restart(sequences: cache.sequences)
      stage.append(
        layer: 0, rows: active, keys: projectedRows.from(column: keyColumn),
        values: projectedRows.from(column: keyColumn + spec.kvHeadCount * spec.headDim), to: cache)
      stage.run(
        layer: 0, rows: active, queries: projectedRows, output: outputRows, cache: cache,
        feed: nil)
    }
  }

  public func attention(_ spec: ArchitectureSpec, length: Int) -> Attention {
    Attention(self, spec: spec, length: length)
  }

  /// With random bf16 weights.
  public func product(tokens: Int, inner: Int, outer: Int) throws -> Product {
    let checkpoint = try SyntheticCheckpoint.matrix(rows: outer, columns: inner)
    return product(
      tokens: tokens,
      matrix: WeightMatrix(
        parts: [.init(tensor: checkpoint.tensors[0])], arrangement: .consecutive),
      checkpoint: checkpoint)
  }

  /// With weights of a checkpoint.
  func product(tokens: Int, matrix: WeightMatrix, checkpoint: Checkpoint) -> Product {
    Product(self, tokens: tokens, matrix: matrix, checkpoint: checkpoint)
  }
}

/// Numbers between 1/4 and 4 in size, read as float32 or as bf16. Memory that nobody wrote to is
/// one page of zeros many times over, which caches treat as no real input.
private func fill(_ buffer: Buffer) {
  for index in 0..<buffer.byteCount / 4 {
    let high = UInt32(truncatingIfNeeded: index &* 40503) & 0x80FF | 0x3F00
    buffer.bytes.storeBytes(of: high << 16 | high, toByteOffset: 4 * index, as: UInt32.self)
  }
}
