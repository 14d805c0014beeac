import CKernels
import ModelFiles

/// Gives the next tokens of some sequences, the likeliest ones, after a prompt of made-up tokens.
public final class DecodeBenchmark {
  /// Tokens that one run adds to every sequence.
  public static let steps = 16
  private static let promptLength = 64

  private let pass: ForwardPass
  private let cache: KVCache
  private let workspace: PassWorkspace
  private let promptLength: Int
  private let prompt: PassRows
  /// The next token of each sequence.
  private var tokens: [Int32] = []

  /// Reads the prompt.
  ///
  /// - Throws: what the pass throws.
  public init(of pass: ForwardPass, sequences: Int) throws {
    self.pass = pass
    let spec = pass.model.spec
    promptLength = max(1, min(Self.promptLength, spec.contextLength - Self.steps))
    let (length, vocabulary) = (promptLength, UInt32(clamping: spec.vocabularySize))
    var state: UInt32 = 1
    prompt = PassRows(
      sequences: (0..<sequences).map { _ in
        (0..<length).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return Int32(truncatingIfNeeded: (state >> 8) % vocabulary)
        }
      })
    cache = KVCache(
      for: pass, mode: .kept, sequences: 0..<sequences, length: length + Self.steps)
    workspace = PassWorkspace(for: pass)
    tokens = try read(prompt, weights: .packed)
    first = tokens
  }

  private var first: [Int32] = []

  /// Goes back to the prompt and adds `steps` tokens to every sequence.
  ///
  /// - Returns: the tokens, (step, sequence).
  /// - Throws: what the pass throws.
  @discardableResult
  public func run() throws -> [[Int32]] {
    let spec = pass.model.spec
    for layer in 0..<spec.layerCount {
      for sequence in cache.sequences {
        for head in 0..<spec.kvHeadCount {
          cache.keep(Array(0..<promptLength), layer: layer, sequence: sequence, kvHead: head)
        }
      }
    }
    tokens = first
    var found: [[Int32]] = []
    for step in 0..<Self.steps {
      found.append(tokens)
      let rows = PassRows(
        spans: tokens.enumerated().map { sequence, token in
          .init(sequence: sequence, firstPosition: promptLength + step, tokens: [token])
        })
      tokens = try read(rows, weights: .stored)
    }
    return found
  }

  private func read(_ rows: PassRows, weights: WeightReading) throws -> [Int32] {
    let sink = ArgmaxSink()
    try pass.run(
      rows, cache: cache, workspace: workspace, logits: LogitRequest(.last, to: sink),
      weights: weights)
    return sink.tokens
  }
}

/// Reads memory from one end to the other on all threads: no pass over weights that do not fit the
/// caches can be faster.
public final class ReadBenchmark {
  private let kernels: Kernels
  private let pool: WorkerPool
  private let memory: Buffer
  private static let pieceBytes = 1 << 20

  /// More than any cache holds, and little beside the memory of machines.
  private static let mostBytes = 1 << 30

  /// - Parameter bytes: of memory, as many as the weights that it stands for; of more than 1 GiB
  ///   that much.
  public init(kernels: Kernels, pool: WorkerPool, bytes: Int) {
    self.kernels = kernels
    self.pool = pool
    memory = Buffer(bytes: min(max(1, bytes), Self.mostBytes).roundedUp(to: Self.pieceBytes))
    // Pages that nobody wrote to are one and the same.
    for index in stride(from: 0, to: memory.byteCount, by: 64) {
      memory.bytes.storeBytes(of: 1, toByteOffset: index, as: UInt32.self)
    }
  }

  /// Bytes of one run.
  public var byteCount: Int { memory.byteCount }

  public func run() {
    let count = Self.pieceBytes / MemoryLayout<Float>.stride
    pool.run(memory.byteCount / Self.pieceBytes) { piece, _ in
      // A whole look at every number, and less work than reading it.
      _ = kernels.table.pointee.all_finite(memory.floats + piece * count, count)
    }
  }
}

extension Model {
  /// Bytes of weights that one token is multiplied by: all matrices, of a mixture those of the
  /// experts that it goes through.
  public var weightBytesPerToken: Int {
    var bytes = output?.matrix.byteCount ?? 0
    for layer in layers {
      switch layer.feedForward {
      case .dense: bytes += layer.matrices.reduce(0) { $0 + $1.byteCount }
      case .experts(let mixture):
        let expert = mixture.experts.first.map {
          $0.input.matrix.byteCount + $0.down.matrix.byteCount
        }
        let others = layer.matrices.prefix(3).reduce(0) { $0 + $1.byteCount }
        bytes += others + (spec.experts?.usedCount ?? 0) * (expert ?? 0)
      }
    }
    return bytes
  }
}

extension WeightMatrix {
  /// Bytes of its weights as they are stored.
  fileprivate var byteCount: Int {
    parts.reduce(0) { sum, part in
      let type = part.tensor.type
      return sum + part.rows * part.columns / type.elementsPerBlock * type.bytesPerBlock
    }
  }
}
