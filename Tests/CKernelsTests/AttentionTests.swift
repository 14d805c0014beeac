import AttentionAnalysis
import CKernels
import Foundation
import TestSupport
import Testing

/// The attention tile of every instruction set against float64, packing included.
struct AttentionTests {
  struct Shape: Sendable {
    var keys: Int
    var headDim: Int
    var rotaryDim: Int
    var window = 0
    /// Every how many positions a query stands.
    var step = 1
    var softCap: Float = 0
  }

  static let shapes = [
    Shape(keys: 1, headDim: 8, rotaryDim: 8),
    Shape(keys: 33, headDim: 64, rotaryDim: 64),
    Shape(keys: 70, headDim: 20, rotaryDim: 8),
    Shape(keys: 97, headDim: 64, rotaryDim: 0, window: 9),
    Shape(keys: 150, headDim: 96, rotaryDim: 96, window: 40, step: 3),
    Shape(keys: 131, headDim: 32, rotaryDim: 32, step: 5),
    Shape(keys: 83, headDim: 24, rotaryDim: 24, window: 17, step: 2, softCap: 3),
  ]

  /// Queries, keys and values of one head, and what float64 makes of them.
  private struct Head {
    let shape: Shape
    let queries, keys, values: [Float]  // (position, headDim)
    let cosines, sines: [Float]
    let scale: Float = 0.3
    /// Of each position; the rest of it is zero.
    private(set) var scores: [[Double]] = []
    private(set) var outputs: [[Double]] = []

    init(_ shape: Shape) {
      self.shape = shape
      var random = SplitMix64(seed: UInt64(shape.keys * 100 + shape.headDim))
      let count = shape.keys * shape.headDim
      queries = random.floats(count, -2...2)
      keys = random.floats(count, -2...2)
      values = random.floats(count)
      let angles = random.floats(shape.keys * shape.rotaryDim / 2, -3...3)
      cosines = angles.map { Float(cos(Double($0))) }
      sines = angles.map { Float(sin(Double($0))) }
      let rotatedKeys = (0..<shape.keys).map { rotated(keys, $0) }
      for position in 0..<shape.keys {
        let weights = weights(position, rotatedKeys)
        scores.append(weights)
        var output = [Double](repeating: 0, count: shape.headDim)
        for key in 0...position where weights[key] != 0 {
          for i in 0..<shape.headDim {
            output[i] += weights[key] * Double(values[key * shape.headDim + i])
          }
        }
        outputs.append(output)
      }
    }

    private func rotated(_ vectors: [Float], _ position: Int) -> [Double] {
      let half = shape.rotaryDim / 2
      var vector = (0..<shape.headDim).map { Double(vectors[position * shape.headDim + $0]) }
      for i in 0..<half {
        let c = Double(cosines[position * half + i])
        let s = Double(sines[position * half + i])
        (vector[i], vector[half + i]) = (
          vector[i] * c - vector[half + i] * s, vector[half + i] * c + vector[i] * s
        )
      }
      return vector
    }

    /// Post-softmax scores over all keys, zero where the query does not see.
    private func weights(_ position: Int, _ rotatedKeys: [[Double]]) -> [Double] {
      let query = rotated(queries, position)
      let first = shape.window > 0 ? max(0, position + 1 - shape.window) : 0
      var weights = [Double](repeating: 0, count: shape.keys)
      var sum = 0.0
      for key in first...position {
        var product = 0.0
        for i in 0..<shape.headDim { product += query[i] * rotatedKeys[key][i] }
        let score = Double(scale) * product
        let cap = Double(shape.softCap)
        weights[key] = exp(cap > 0 ? cap * tanh(score / cap) : score)
        sum += weights[key]
      }
      return weights.map { $0 / sum }
    }
  }

  /// Runs the tiles; returns scores and outputs of each query position.
  private func run(
    _ kernels: KernelSet, _ head: Head, number: alr_number
  ) -> (positions: [Int], scores: [[Float]], outputs: [[Float]], isIntact: Bool) {
    let shape = head.shape
    let width = kernels.width
    let table = kernels.table.pointee
    let capacity = (shape.keys + width - 1) / width * width
    let half = shape.rotaryDim / 2
    let bytes = number == ALR_NUMBER_BF16 ? 2 : 4
    let queries = Poisoned(head.queries)
    let keys = Poisoned(head.keys)
    let values = Poisoned(head.values)
    let cosines = Poisoned(head.cosines)
    let sines = Poisoned(head.sines)
    let keyPanels = Poisoned(count: capacity * shape.headDim)
    let columns = (shape.headDim + width - 1) / width * width
    let valuePanels = Poisoned([Float](repeating: 0, count: capacity * columns))
    let scratch = Poisoned(count: width * shape.headDim)
    for start in stride(from: 0, to: shape.keys, by: width) {
      let rows = min(width, shape.keys - start)
      table.pack_keys(
        keys.base + start * shape.headDim, shape.headDim, rows, shape.headDim, shape.rotaryDim,
        cosines.base + start * half, sines.base + start * half,
        keyPanels.raw + start * shape.headDim * bytes, 0, scratch.base, number)
      table.pack_values(
        values.base + start * shape.headDim, shape.headDim, start, rows, shape.headDim, capacity,
        valuePanels.raw, number)
    }

    let positions = Array(stride(from: 0, to: shape.keys, by: shape.step))
    let stripStride = capacity + width
    var scores: [[Float]] = []
    var outputs: [[Float]] = []
    var isIntact = true
    for first in stride(from: 0, to: positions.count, by: kernels.rowTile) {
      let tile = positions[first..<min(first + kernels.rowTile, positions.count)]
      // Queries of the tile stand together, as a pass gathers them.
      let gathered = Poisoned(
        tile.flatMap { position in
          (0..<shape.headDim).map { queries.base[position * shape.headDim + $0] }
        })
      let strip = Poisoned(count: kernels.rowTile * stripStride)
      let weights = Poisoned(count: kernels.rowTile * stripStride)
      let rotated = Poisoned(count: kernels.rowTile * shape.headDim)
      let sums = Poisoned(count: kernels.rowTile)
      let output = Poisoned(count: kernels.rowTile * shape.headDim)
      let angles = tile.map { UInt32($0) }
      let ends = angles.map { $0 + 1 }
      let firsts = ends.map {
        shape.window > 0 && $0 > shape.window ? $0 - UInt32(shape.window) : 0
      }
      angles.withUnsafeBufferPointer { angles in
        var job = alr_attention()
        job.queries = UnsafePointer(gathered.base)
        job.query_stride = shape.headDim
        job.rows = tile.count
        job.angles = angles.baseAddress
        job.head_dim = shape.headDim
        job.rotary_dim = shape.rotaryDim
        job.cosines = UnsafePointer(cosines.base)
        job.sines = UnsafePointer(sines.base)
        job.scale = head.scale
        job.soft_cap = shape.softCap
        job.key_panels = UnsafeRawPointer(keyPanels.raw)
        job.value_panels = UnsafeRawPointer(valuePanels.raw)
        job.key_capacity = capacity
        job.output = output.raw
        job.output_stride = shape.headDim
        job.strip = strip.base
        job.weights = number == ALR_NUMBER_F32 ? nil : weights.raw
        job.strip_stride = stripStride
        job.rotated = rotated.raw
        job.sums = sums.base
        job.number = number
        firsts.withUnsafeBufferPointer { firsts in
          ends.withUnsafeBufferPointer { ends in
            job.first = firsts.baseAddress
            job.end = ends.baseAddress
            table.attention(&job)
          }
        }
      }
      for (row, position) in tile.enumerated() {
        let from = shape.window > 0 ? max(0, position + 1 - shape.window) : 0
        scores.append(
          (0..<shape.keys).map {
            (from...position).contains($0)
              ? strip.base[row * stripStride + $0] / sums.base[row] : 0
          })
        outputs.append(
          (0..<shape.headDim).map { i in
            let index = row * shape.headDim + i
            guard number == ALR_NUMBER_BF16 else { return output.base[index] }
            let bits = output.raw.load(fromByteOffset: 2 * index, as: UInt16.self)
            return Float(bitPattern: UInt32(bits) << 16)
          })
      }
      isIntact =
        isIntact && strip.isIntact && weights.isIntact && rotated.isIntact && sums.isIntact
        && output.isIntact && gathered.isIntact
    }
    isIntact = isIntact && keyPanels.isIntact && valuePanels.isIntact && scratch.isIntact
    return (positions, scores, outputs, isIntact)
  }

  private func worst(_ found: [[Float]], _ expected: [[Double]]) -> Double {
    var worst = WorstDifference<Double>()
    worst.add(found.joined().map(Double.init), Array(expected.joined()))
    return worst.worst
  }

  @Test(arguments: KernelSet.all, shapes.indices)
  func float32(_ kernels: KernelSet, shape: Int) {
    let head = Head(Self.shapes[shape])
    let result = run(kernels, head, number: ALR_NUMBER_F32)
    #expect(worst(result.scores, result.positions.map { head.scores[$0] }) < 4e-6)
    #expect(worst(result.outputs, result.positions.map { head.outputs[$0] }) < 4e-6)
    #expect(result.isIntact)
  }

  /// Rounded operands move scores by a share of about 2^-8; both ways of rounding agree closely.
  @Test(arguments: KernelSet.all, shapes.indices)
  func bfloat16(_ kernels: KernelSet, shape: Int) {
    let head = Head(Self.shapes[shape])
    let emulated = run(kernels, head, number: ALR_NUMBER_BF16_IN_F32)
    #expect(worst(emulated.scores, emulated.positions.map { head.scores[$0] }) < 0.05)
    #expect(worst(emulated.outputs, emulated.positions.map { head.outputs[$0] }) < 0.05)
    #expect(emulated.isIntact)
  }

  /// What the instructions for bfloat16 give is what rounding in software gives.
  @Test(
    .enabled(if: KernelSet.anyHasBF16, KernelSet.noBF16),
    arguments: KernelSet.withBF16, shapes.indices)
  func nativeBFloat16(_ kernels: KernelSet, shape: Int) {
    let head = Head(Self.shapes[shape])
    let emulated = run(kernels, head, number: ALR_NUMBER_BF16_IN_F32)
    let native = run(kernels, head, number: ALR_NUMBER_BF16)
    #expect(worst(native.scores, emulated.scores.map { $0.map(Double.init) }) < 2e-3)
    #expect(worst(native.outputs, emulated.outputs.map { $0.map(Double.init) }) < 1e-2)
    #expect(native.isIntact)
  }
}
