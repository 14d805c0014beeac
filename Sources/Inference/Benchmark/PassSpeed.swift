import CKernels
import Foundation
import ModelFiles

/// How long a pass takes on this machine, from a fraction of a second of products with the model's
/// own weights and of attention.
public struct PassSpeed: Sendable {
  /// Operations a second.
  struct Rate {
    /// By the time that processors spent on it: what the machine does when it does nothing else.
    let alone: Double
    /// By the clock: what it does now, beside whatever else runs.
    let now: Double
  }

  /// Operations of one chunk; see `ArchitectureSpec.usefulOperations`.
  public let operations: Double
  /// Of them those of attention.
  private let attentionOperations: Double
  private let products: Rate
  private let attention: Rate

  /// Norms, activations, rotations and whatever else is neither, as a part of the time of products
  /// and attention; what passes over SmolLM2 took more than these.
  private static let overhead = 0.06

  /// Seconds of a chunk where nothing else runs.
  public var secondsPerChunk: Double { seconds(\.alone) }

  /// Seconds of a chunk as busy as the machine is now.
  public var secondsPerChunkNow: Double { seconds(\.now) }

  private func seconds(_ rate: KeyPath<Rate, Double>) -> Double {
    let products = (operations - attentionOperations) / products[keyPath: rate]
    return (products + attentionOperations / attention[keyPath: rate]) * (1 + Self.overhead)
  }

  /// Operations of one piece of work that is timed, about; a slow processor does it in a second.
  private static let piece = 1e9
  /// Seconds of a stretch that is timed, at least.
  private static let stretch = 0.02
  /// Stretches, of which the fastest counts: others disturb, nothing speeds up.
  private static let stretches = 5
  /// Elements of the rows that are multiplied, at most, so that they take little memory.
  private static let mostElements = 4 << 20
  private static let longestAttention = 2048

  /// Measures for chunks of `length` tokens, `chunks` of them together.
  ///
  /// - Throws: `InferenceError.nonFiniteWeights`.
  public init(of pass: ForwardPass, length: Int, chunks: Int, recordedRows: [Int]) throws {
    let spec = pass.model.spec
    operations = spec.usefulOperations(length: length, recordedRows: recordedRows)
    attentionOperations = spec.attentionOperations(length: length)
    products = try Self.products(pass, rows: chunks * length)
    attention = Self.attention(pass, length: length)
  }

  /// The first matrix of a feed-forward in the middle of the model, where most of the work is, or
  /// as much of it as a piece takes.
  private static func products(_ pass: ForwardPass, rows: Int) throws -> Rate {
    let model = pass.model
    let layer = model.layers[model.spec.layerCount / 2]
    let matrix: WeightMatrix
    var rows = rows
    switch layer.feedForward {
    case .dense(let dense): matrix = dense.input.matrix
    case .experts(let mixture):
      guard let expert = mixture.experts.first, let experts = model.spec.experts else {
        return Rate(alone: .nan, now: .nan)
      }
      matrix = expert.input.matrix
      // As many as one expert gets.
      rows = rows * experts.usedCount / experts.count
    }
    rows = max(1, min(rows, max(256, mostElements / max(1, matrix.depth))))
    let operationsPerColumn = 2 * Double(rows) * Double(matrix.depth)
    let columns = max(1, Int(piece / operationsPerColumn) / matrix.parts.count)
    let part = WeightMatrix(
      parts: matrix.parts.map { $0.first(min($0.rows, columns)) }, arrangement: .consecutive)
    let product = KernelBenchmark(
      kernels: pass.kernels, precision: pass.precision, pool: pass.pool
    ).product(tokens: rows, matrix: part, checkpoint: model.checkpoint)
    return try rate(product.operations, threads: pass.pool.count, product.run)
  }

  /// Of as many heads as a piece takes, each of which sees everything before it.
  private static func attention(_ pass: ForwardPass, length: Int) -> Rate {
    var spec = pass.model.spec
    let length = min(length, longestAttention)
    let pairs = Double(length) * Double(length + 1) / 2
    let perGroup = 4 * pairs * Double(spec.headDim * spec.groupSize)
    let group = spec.groupSize
    spec.kvHeadCount = max(1, min(spec.kvHeadCount, Int(piece / perGroup)))
    spec.headCount = spec.kvHeadCount * group
    spec.layers = [LayerSpec(rotary: spec.rotaries.isEmpty ? nil : 0)]
    let attention = KernelBenchmark(
      kernels: pass.kernels, precision: pass.precision, pool: pass.pool
    ).attention(spec, length: length)
    return rate(attention.operations, threads: pass.pool.count, attention.run)
  }

  private static func rate(
    _ operations: Double, threads: Int, _ run: () throws -> Void
  ) rethrows -> Rate {
    let threads = Double(min(threads, ProcessInfo.processInfo.activeProcessorCount))
    // Reads the weights and wakes the threads.
    let first = try Timing.time(run)
    let repeats = max(1, Int(stretch / max(first, 1e-6)))
    var (now, alone) = (Double.infinity, Double.infinity)
    // A slow processor has done enough after one.
    for _ in 0..<(first < 10 * stretch ? stretches : 1) {
      let start = clock()
      let seconds = try Timing.time { for _ in 0..<repeats { try run() } }
      now = min(now, seconds / Double(repeats))
      let spent = Double(clock() - start) / Double(CLOCKS_PER_SEC)
      alone = min(alone, spent / threads / Double(repeats))
    }
    // A clock that is too coarse says no more than the other.
    return Rate(alone: operations / (alone > 0 ? alone : now), now: operations / now)
  }
}

extension WeightMatrix.Part {
  /// The first `count` output rows.
  fileprivate func first(_ count: Int) -> WeightMatrix.Part {
    WeightMatrix.Part(
      tensor: tensor, rows: count, columns: columns, firstRow: firstRow, heads: heads,
      isTransposed: isTransposed, scale: scale)
  }
}
