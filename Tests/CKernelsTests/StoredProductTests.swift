import AttentionAnalysis
import CKernels
import Foundation
import TestSupport
import Testing

/// Products with weights as they are stored, against float64 over the values that `alr_dequantize`
/// gives, which are those of the `gguf` package.
struct StoredProductTests {
  struct Stored: Sendable, CustomTestStringConvertible {
    let type: alr_stored_type
    let testDescription: String
    /// Weights and bytes of a block.
    let block: Int
    let bytes: Int
    /// Where a block has float16 numbers; of the others every byte may be anything.
    let halves: [Int]
  }

  static let plain = [
    Stored(type: ALR_STORED_F32, testDescription: "F32", block: 1, bytes: 4, halves: []),
    Stored(type: ALR_STORED_F16, testDescription: "F16", block: 1, bytes: 2, halves: [0]),
    Stored(type: ALR_STORED_BF16, testDescription: "BF16", block: 1, bytes: 2, halves: []),
  ]
  static let blocks = [
    Stored(type: ALR_STORED_Q8_0, testDescription: "Q8_0", block: 32, bytes: 34, halves: [0]),
    Stored(type: ALR_STORED_Q4_0, testDescription: "Q4_0", block: 32, bytes: 18, halves: [0]),
    Stored(type: ALR_STORED_Q4_1, testDescription: "Q4_1", block: 32, bytes: 20, halves: [0, 2]),
    Stored(type: ALR_STORED_Q5_0, testDescription: "Q5_0", block: 32, bytes: 22, halves: [0]),
    Stored(type: ALR_STORED_Q5_1, testDescription: "Q5_1", block: 32, bytes: 24, halves: [0, 2]),
    Stored(
      type: ALR_STORED_Q2_K, testDescription: "Q2_K", block: 256, bytes: 84, halves: [80, 82]),
    Stored(type: ALR_STORED_Q3_K, testDescription: "Q3_K", block: 256, bytes: 110, halves: [108]),
    Stored(type: ALR_STORED_Q4_K, testDescription: "Q4_K", block: 256, bytes: 144, halves: [0, 2]),
    Stored(type: ALR_STORED_Q5_K, testDescription: "Q5_K", block: 256, bytes: 176, halves: [0, 2]),
    Stored(type: ALR_STORED_Q6_K, testDescription: "Q6_K", block: 256, bytes: 210, halves: [208]),
  ]

  /// Rows of weights, a gap between them, behind which reading is seen.
  private struct Weights {
    let bytes: [UInt8]
    let stride: Int
    /// (row, depth) as float32
    let wide: [Float]

    init(_ stored: Stored, count: Int, depth: Int, random: inout SplitMix64) {
      let rowBytes = depth / stored.block * stored.bytes
      stride = rowBytes + 6
      var bytes = [UInt8](repeating: 0xff, count: count * stride)
      var wide = [Float](repeating: 0, count: count * depth)
      for row in 0..<count {
        var line: [UInt8] = []
        for _ in 0..<depth / stored.block {
          var block = (0..<stored.bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
          switch stored.type {
          case ALR_STORED_F32:
            block = withUnsafeBytes(of: random.float()) { Array($0) }
          case ALR_STORED_BF16:
            block = withUnsafeBytes(of: bf16Bits(random.float())) { Array($0) }
          default:
            for place in stored.halves {
              // Of either sign, 2^-14 to 2, and now and then subnormal.
              let half = UInt16.random(in: 0..<0x4000, using: &random)
              let sign = UInt16.random(in: 0...1, using: &random) << 15
              withUnsafeBytes(of: half | sign) {
                block.replaceSubrange(place..<place + 2, with: $0)
              }
            }
          }
          line += block
        }
        bytes.replaceSubrange(row * stride..<row * stride + rowBytes, with: line)
        wide.withUnsafeMutableBufferPointer { wide in
          line.withUnsafeBytes {
            alr_dequantize(stored.type, $0.baseAddress, wide.baseAddress! + row * depth, depth)
          }
        }
      }
      self.bytes = bytes
      self.wide = wide
    }
  }

  /// C (rows, count) by the kernel, of rows with a gap of NaN between them.
  private func product(
    _ kernels: KernelSet, _ stored: Stored, _ a: [[Float]], _ weights: Weights, count: Int,
    bias: [Float]? = nil, adding: [Float]? = nil
  ) -> [Float] {
    let depth = a[0].count
    let aStride = depth + 5
    let cStride = count + 3
    let aMemory = Poisoned(count: a.count * aStride)
    let cMemory = Poisoned(count: a.count * cStride)
    for (row, values) in a.enumerated() {
      (aMemory.base + row * aStride).update(from: values, count: depth)
      if let adding {
        for column in 0..<count {
          cMemory.base[row * cStride + column] = adding[row * count + column]
        }
      }
    }
    let biasMemory = bias.map(Poisoned.init)
    weights.bytes.withUnsafeBytes { bytes in
      var job = alr_stored_product()
      job.a = UnsafePointer(aMemory.base)
      job.a_stride = aStride
      job.rows = a.count
      job.depth = depth
      job.weights = bytes.baseAddress
      job.weight_stride = weights.stride
      job.count = count
      job.type = stored.type
      job.c = cMemory.base
      job.c_stride = cStride
      job.bias = biasMemory.map { UnsafePointer($0.base) }
      job.adds = adding == nil ? 0 : 1
      #expect(kernels.table.pointee.product_stored(&job) == 1)
    }
    #expect(cMemory.isIntact)
    for row in 0..<a.count {
      #expect((count..<cStride).allSatisfy { cMemory.base[row * cStride + $0].isNaN })
    }
    return (0..<a.count).flatMap { row in
      (0..<count).map { cMemory.base[row * cStride + $0] }
    }
  }

  /// A row with a single one picks a column of the weights: nothing is rounded on the way.
  @Test(arguments: KernelSet.all, plain + blocks)
  func widensBitForBit(_ kernels: KernelSet, _ stored: Stored) {
    var random = SplitMix64(seed: 3)
    let depth = stored.block == 1 ? 75 : 256
    let weights = Weights(stored, count: 5, depth: depth, random: &random)
    for column in 0..<depth {
      var a = [Float](repeating: 0, count: depth)
      a[column] = 1
      let found = product(kernels, stored, [a], weights, count: 5)
      #expect(found == (0..<5).map { weights.wide[$0 * depth + column] })
    }
  }

  @Test(arguments: KernelSet.all, plain + blocks)
  func agreesWithFloat64(_ kernels: KernelSet, _ stored: Stored) {
    var random = SplitMix64(seed: 4)
    for (rows, depth, count) in [(1, 1, 1), (1, 768, 9), (3, 33, 4), (8, 512, 5), (15, 256, 2)] {
      let depth = depth.roundedUp(to: stored.block)
      let weights = Weights(stored, count: count, depth: depth, random: &random)
      let a = (0..<rows).map { _ in random.floats(depth) }
      let bias = random.floats(count)
      let start = random.floats(rows * count)
      let found = product(kernels, stored, a, weights, count: count, bias: bias, adding: start)
      var expected: [Double] = []
      var scale: [Double] = []
      for row in 0..<rows {
        for column in 0..<count {
          var terms = zip(a[row], weights.wide[column * depth..<(column + 1) * depth]).map {
            Double($0) * Double($1)
          }
          terms += [Double(bias[column]), Double(start[row * count + column])]
          expected.append(terms.reduce(0, +))
          scale.append(terms.reduce(0) { $0 + abs($1) })
        }
      }
      #expect(worstULP(found, expected, scale: scale) < (kernels.width == 8 ? 16 : 8))
    }
  }

  /// What a row gets does not depend on the rows and weights beside it.
  @Test(arguments: KernelSet.all, plain + blocks)
  func rowsAreIndependent(_ kernels: KernelSet, _ stored: Stored) {
    var random = SplitMix64(seed: 5)
    let depth = stored.block == 1 ? 300 : 512
    let count = 7
    let weights = Weights(stored, count: count, depth: depth, random: &random)
    let a = (0..<15).map { _ in random.floats(depth) }
    let together = product(kernels, stored, a, weights, count: count)
    for row in a.indices {
      let alone = product(kernels, stored, [a[row]], weights, count: count)
      #expect(alone == Array(together[row * count..<(row + 1) * count]))
      let some = product(kernels, stored, Array(a[row...]), weights, count: 2)
      #expect(Array(some[..<2]) == Array(alone[..<2]))
    }
  }

  /// Types that no kernel reads are left to the caller.
  @Test(arguments: KernelSet.all)
  func leavesOtherTypes(_ kernels: KernelSet) {
    for type in [ALR_STORED_F8_E4M3, ALR_STORED_F8_E5M2] {
      var job = alr_stored_product()
      job.type = type
      #expect(kernels.table.pointee.product_stored(&job) == 0)
    }
  }
}

extension Int {
  fileprivate func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
