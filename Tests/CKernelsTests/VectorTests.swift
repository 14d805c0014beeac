import AttentionAnalysis
import CKernels
import Foundation
import TestSupport
import Testing

/// Norms, conversions and scans of every instruction set.
struct VectorTests {
  static let counts = [1, 2, 7, 16, 31, 64, 100, 576]

  @Test(arguments: KernelSet.all)
  func rmsNorm(_ kernels: KernelSet) {
    var random = SplitMix64(seed: 1)
    for count in Self.counts {
      let x = random.floats(count, -3...3)
      let weight = random.floats(count)
      let padded = (count + kernels.width - 1) / kernels.width * kernels.width
      let input = Poisoned(x)
      let scale = Poisoned(weight)
      let output = Poisoned(count: padded)
      kernels.table.pointee.rms_norm(
        input.base, scale.base, 1e-5, count, output.raw, ALR_NUMBER_F32)
      let square = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
      let inverse = 1 / (square + 1e-5).squareRoot()
      let expected = (0..<count).map { Double(weight[$0]) * Double(x[$0]) * inverse }
      #expect(worstULP(Array(output.values.prefix(count)), expected) < 8, "\(count)")
      #expect(output.values.dropFirst(count).allSatisfy { $0 == 0 })
      #expect(output.isIntact)
    }
  }

  /// Against the size of the terms: what is left after the mean is subtracted may be small.
  @Test(arguments: KernelSet.all, [false, true])
  func layerNorm(_ kernels: KernelSet, hasBias: Bool) {
    var random = SplitMix64(seed: 4)
    for count in Self.counts {
      let x = random.floats(count, -1...5)
      let weight = random.floats(count)
      let bias = random.floats(count)
      let padded = (count + kernels.width - 1) / kernels.width * kernels.width
      let input = Poisoned(x)
      let scale = Poisoned(weight)
      let shift = Poisoned(bias)
      let output = Poisoned(count: padded)
      kernels.table.pointee.layer_norm(
        input.base, scale.base, hasBias ? UnsafePointer(shift.base) : nil, 1e-5, count, output.raw,
        ALR_NUMBER_F32)
      let mean = x.reduce(0.0) { $0 + Double($1) } / Double(count)
      let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      let inverse = 1 / (variance / Double(count) + 1e-5).squareRoot()
      let terms = (0..<count).map { Double(weight[$0]) * (Double(x[$0]) - mean) * inverse }
      let expected = (0..<count).map { terms[$0] + (hasBias ? Double(bias[$0]) : 0) }
      let sizes = (0..<count).map { index in
        abs(Double(weight[index])) * (abs(Double(x[index])) + abs(mean)) * inverse
          + abs(Double(bias[index]))
      }
      // Worst seen: 3.7 units.
      #expect(worstULP(Array(output.values.prefix(count)), expected, scale: sizes) < 8, "\(count)")
      #expect(output.values.dropFirst(count).allSatisfy { $0 == 0 })
      #expect(output.isIntact)
    }
  }

  @Test(arguments: KernelSet.all)
  func addsScaled(_ kernels: KernelSet) {
    var random = SplitMix64(seed: 5)
    for count in Self.counts {
      let x = random.floats(count)
      let y = random.floats(count)
      let source = Poisoned(x)
      let target = Poisoned(y)
      kernels.table.pointee.add_scaled(source.base, 0.22, target.base, count)
      let expected = (0..<count).map { Double(y[$0]) + Double(x[$0]) * Double(Float(0.22)) }
      let sizes = (0..<count).map { abs(Double(y[$0])) + abs(Double(x[$0])) * 0.22 }
      #expect(worstULP(target.values, expected, scale: sizes) < 2)
      #expect(target.isIntact)
    }
  }

  @Test(arguments: KernelSet.all)
  func keyNorms(_ kernels: KernelSet) {
    var random = SplitMix64(seed: 2)
    for count in Self.counts {
      let stride = count + 5
      let rows = 3
      let vectors = random.floats(rows * stride, -2...2)
      let memory = Poisoned(vectors)
      var norms = [Double](repeating: -1, count: rows)
      kernels.table.pointee.norms(memory.base, stride, rows, count, &norms)
      for row in 0..<rows {
        let values = vectors[row * stride..<row * stride + count]
        let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(norms[row] - expected) <= 1e-14 * expected)
      }
    }
  }

  /// Ties both ways, the largest float32, subnormals, zeros, infinities, and numbers between.
  private static let toRound: [Float] = {
    var random = SplitMix64(seed: 3)
    let special: [Float] = [
      0, -0, 1, 1.00390625, 1.01171875, -1.00390625, .greatestFiniteMagnitude, .infinity,
      -.infinity, .leastNonzeroMagnitude, .leastNormalMagnitude, 3.3895314e38,
    ]
    return special + random.floats(101, -1e6...1e6)
  }()

  @Test(arguments: KernelSet.all)
  func roundsToBF16(_ kernels: KernelSet) {
    let values = Self.toRound
    let source = Poisoned(values)
    let target = Poisoned(count: values.count)
    kernels.table.pointee.convert(
      source.base, target.raw, values.count, ALR_NUMBER_BF16_IN_F32)
    #expect(target.values.map(\.bitPattern) == values.map { bf16($0).bitPattern })
    #expect(target.isIntact)
  }

  @Test(.enabled(if: KernelSet.anyHasBF16, KernelSet.noBF16), arguments: KernelSet.withBF16)
  func storesRoundedInTwoBytes(_ kernels: KernelSet) {
    let values = Self.toRound
    let source = Poisoned(values)
    let target = Poisoned(count: values.count)
    kernels.table.pointee.convert(source.base, target.raw, values.count, ALR_NUMBER_BF16)
    let halves = UnsafeBufferPointer(
      start: target.raw.assumingMemoryBound(to: UInt16.self), count: values.count)
    #expect(Array(halves) == values.map(bf16Bits))
    #expect(target.isIntact)
  }

  @Test(arguments: KernelSet.all)
  func keepsNaN(_ kernels: KernelSet) {
    let source = Poisoned([.nan, .signalingNaN, 1])
    let target = Poisoned(count: 3)
    kernels.table.pointee.convert(source.base, target.raw, 3, ALR_NUMBER_BF16_IN_F32)
    #expect(target.values[0].isNaN && target.values[1].isNaN && target.values[2] == 1)
  }

  @Test(arguments: KernelSet.all)
  func findsWhatIsNotFinite(_ kernels: KernelSet) {
    for count in Self.counts {
      var values = [Float](repeating: -Float.greatestFiniteMagnitude, count: count)
      #expect(kernels.table.pointee.all_finite(values, count) == 1)
      for bad in [Float.nan, .infinity, -.infinity] {
        values[count - 1] = bad
        #expect(kernels.table.pointee.all_finite(values, count) == 0)
        var halves = [UInt16](repeating: bf16Bits(-3e38), count: count)
        #expect(kernels.table.pointee.all_finite_bf16(halves, count) == 1)
        halves[count / 2] = UInt16(bad.bitPattern >> 16)
        #expect(kernels.table.pointee.all_finite_bf16(halves, count) == 0)
      }
    }
  }
}
