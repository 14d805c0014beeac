import AttentionAnalysis
import CKernels
import Foundation
import TestSupport
import Testing

/// Matrix products of every instruction set against float64, over odd sizes and poisoned memory.
struct ProductTests {
  enum Kind: Sendable, Hashable {
    case store, add
    case gated(Activation)
    case activated(Activation)

    static let all =
      [.store, .add] + Activation.allCases.map(Kind.gated) + Activation.allCases.map(Kind.activated)

    var isGated: Bool { if case .gated = self { true } else { false } }

    /// Whether the output is in the number type of the operands.
    var isActivated: Bool { self != .store && self != .add }
  }

  struct Shape: Sendable {
    let rows: Int
    let depth: Int
    let panels: Int
  }

  static let shapes = [
    Shape(rows: 1, depth: 1, panels: 1), Shape(rows: 3, depth: 7, panels: 2),
    Shape(rows: 13, depth: 64, panels: 1), Shape(rows: 14, depth: 130, panels: 3),
    Shape(rows: 15, depth: 33, panels: 2), Shape(rows: 29, depth: 257, panels: 1),
  ]

  /// One product with random operands, and what float64 makes of it.
  private struct Trial {
    let found: [Float]
    let expected: [Double]
    /// Σ |a·b| of each output: what rounding errors are proportional to.
    let scale: [Double]
    let isIntact: Bool
  }

  private func trial(
    _ kernels: KernelSet, _ shape: Shape, _ kind: Kind, number: alr_number, hasBias: Bool
  ) -> Trial {
    var random = SplitMix64(seed: UInt64(shape.rows * 1000 + shape.depth))
    let isBF16 = number == ALR_NUMBER_BF16
    let depth = isBF16 ? shape.depth + shape.depth % 2 : shape.depth
    let width = kernels.width
    let columns = shape.panels * width
    let outputs = kind.isGated ? columns / 2 : columns
    let aStride = depth + 6
    let cStride = outputs + 16

    func rounded(_ x: Float) -> Float { number == ALR_NUMBER_F32 ? x : bf16(x) }
    let a = (0..<shape.rows * depth).map { _ in rounded(random.float()) }
    let b = (0..<columns * depth).map { _ in rounded(random.float()) }  // (column, depth)
    let bias = random.floats(columns)
    let start = random.floats(shape.rows * outputs)

    // A in rows with gaps of NaN, B in panels.
    let aMemory = Poisoned(count: isBF16 ? shape.rows * aStride / 2 + 1 : shape.rows * aStride)
    let bMemory = Poisoned(count: isBF16 ? columns * depth / 2 : columns * depth)
    for row in 0..<shape.rows {
      for k in 0..<depth {
        put(a[row * depth + k], aMemory, row * aStride + k, isBF16)
      }
    }
    for column in 0..<columns {
      let (panel, lane) = column.quotientAndRemainder(dividingBy: width)
      for k in 0..<depth {
        let index =
          isBF16
          ? panel * depth * width + (k / 2 * width + lane) * 2 + k % 2
          : panel * depth * width + k * width + lane
        put(b[column * depth + k], bMemory, index, isBF16)
      }
    }
    let cBytes = isBF16 && kind.isActivated ? 2 : 4
    let cMemory = Poisoned(count: (shape.rows * cStride * cBytes + 3) / 4)
    if kind == .add {
      for row in 0..<shape.rows {
        for column in 0..<outputs {
          cMemory.base[row * cStride + column] = start[row * outputs + column]
        }
      }
    }
    let biasMemory = Poisoned(bias)

    var job = alr_product()
    job.a = UnsafeRawPointer(aMemory.raw)
    job.a_stride = aStride
    job.rows = shape.rows
    job.depth = depth
    job.panels = UnsafeRawPointer(bMemory.raw)
    job.panel_stride = depth * width
    job.panel_count = shape.panels
    job.c = cMemory.raw
    job.c_stride = cStride
    job.bias = hasBias ? UnsafePointer(biasMemory.base) : nil
    job.number = number
    switch kind {
    case .store: kernels.table.pointee.product(&job)
    case .add: kernels.table.pointee.product_add(&job)
    case .gated(let activation): kernels.table.pointee.product_gated(&job, activation.kernel)
    case .activated(let activation):
      kernels.table.pointee.product_activated(&job, activation.kernel)
    }

    var found: [Float] = []
    var expected: [Double] = []
    var scale: [Double] = []
    func dot(_ row: Int, _ column: Int) -> (sum: Double, size: Double) {
      var sum = hasBias ? Double(bias[column]) : 0
      var size = abs(sum)
      for k in 0..<depth {
        let term = Double(a[row * depth + k]) * Double(b[column * depth + k])
        sum += term
        size += abs(term)
      }
      return (sum, size)
    }
    for row in 0..<shape.rows {
      for column in 0..<outputs {
        found.append(take(cMemory, row * cStride + column, cBytes == 2))
        switch kind {
        case .store:
          let (sum, size) = dot(row, column)
          expected.append(sum)
          scale.append(size)
        case .add:
          let (sum, size) = dot(row, column)
          let before = Double(start[row * outputs + column])
          expected.append(before + sum)
          scale.append(size + abs(before))
        case .activated(let activation):
          let (sum, size) = dot(row, column)
          expected.append(activation(sum))
          scale.append(size + 1)
        case .gated(let activation):
          let half = width / 2
          let first = column / half * width + column % half
          let gate = dot(row, first)
          let up = dot(row, first + half)
          expected.append(activation(gate.sum) * up.sum)
          scale.append((gate.size + 1) * (up.size + 1))
        }
      }
    }
    let isIntact = aMemory.isIntact && bMemory.isIntact && cMemory.isIntact
    return Trial(found: found, expected: expected, scale: scale, isIntact: isIntact)
  }

  private func put(_ x: Float, _ memory: Poisoned, _ index: Int, _ isBF16: Bool) {
    if isBF16 {
      memory.raw.storeBytes(of: bf16Bits(x), toByteOffset: 2 * index, as: UInt16.self)
    } else {
      memory.base[index] = x
    }
  }

  private func take(_ memory: Poisoned, _ index: Int, _ isBF16: Bool) -> Float {
    guard isBF16 else { return memory.base[index] }
    let bits = memory.raw.load(fromByteOffset: 2 * index, as: UInt16.self)
    return Float(bitPattern: UInt32(bits) << 16)
  }

  /// Sums of at most 257 float32 products stay within 4 units of their terms' total size; worst
  /// seen on an AVX-512 machine: 1.4.
  @Test(arguments: KernelSet.all, Kind.all)
  func float32(_ kernels: KernelSet, kind: Kind) {
    for shape in Self.shapes {
      for hasBias in [false, true] {
        let trial = trial(kernels, shape, kind, number: ALR_NUMBER_F32, hasBias: hasBias)
        #expect(worstULP(trial.found, trial.expected, scale: trial.scale) < 4, "\(shape)")
        #expect(trial.isIntact)
      }
    }
  }

  /// bf16 operands multiply exactly, so sums are as good as float32's; an activated output is
  /// itself rounded to bf16, which is half a unit in 8 bits.
  @Test(
    .enabled(if: KernelSet.anyHasBF16, KernelSet.noBF16), arguments: KernelSet.withBF16, Kind.all)
  func bfloat16(_ kernels: KernelSet, kind: Kind) {
    for shape in Self.shapes {
      let trial = trial(kernels, shape, kind, number: ALR_NUMBER_BF16, hasBias: true)
      let tolerance = kind.isActivated ? 32768.0 + 64 : 8
      #expect(worstULP(trial.found, trial.expected, scale: trial.scale) < tolerance, "\(shape)")
      #expect(trial.isIntact)
    }
  }

  @Test(arguments: KernelSet.all, Kind.all.filter(\.isActivated))
  func roundedFloat32(_ kernels: KernelSet, kind: Kind) {
    let shape = Shape(rows: 15, depth: 33, panels: 2)
    let trial = trial(kernels, shape, kind, number: ALR_NUMBER_BF16_IN_F32, hasBias: false)
    #expect(trial.found.allSatisfy { bf16($0) == $0 })
    #expect(worstULP(trial.found, trial.expected, scale: trial.scale) < 32768 + 64)
  }

  /// A row's bytes do not depend on the tile it is computed in.
  @Test(arguments: KernelSet.all)
  func rowsAreIndependent(_ kernels: KernelSet) {
    var random = SplitMix64(seed: 7)
    let depth = 96
    let rows = 2 * kernels.rowTile + 3
    let width = kernels.width
    let a = Poisoned(random.floats(rows * depth))
    let b = Poisoned(random.floats(width * depth))
    func product(rows range: Range<Int>) -> [Float] {
      let c = Poisoned(count: range.count * width)
      var job = alr_product()
      job.a = UnsafeRawPointer(a.base + range.lowerBound * depth)
      job.a_stride = depth
      job.rows = range.count
      job.depth = depth
      job.panels = UnsafeRawPointer(b.raw)
      job.panel_stride = depth * width
      job.panel_count = 1
      job.c = c.raw
      job.c_stride = width
      kernels.table.pointee.product(&job)
      return c.values
    }
    let whole = product(rows: 0..<rows)
    for row in 0..<rows {
      #expect(product(rows: row..<row + 1) == Array(whole[row * width..<(row + 1) * width]))
    }
  }

  @Test(arguments: KernelSet.all)
  func packsPanels(_ kernels: KernelSet) {
    let width = kernels.width
    for (rows, depth) in [(1, 1), (width, 8), (width - 1, 7), (3, 130), (width, 5)] {
      let stride = depth + 3
      let source = Poisoned((0..<rows * stride).map { Float($0) })
      let panel = Poisoned(count: depth * width)
      source.base.withMemoryRebound(to: UInt32.self, capacity: rows * stride) { source in
        panel.base.withMemoryRebound(to: UInt32.self, capacity: depth * width) { panel in
          kernels.table.pointee.pack_panel(source, stride, rows, depth, panel)
        }
      }
      let expected = (0..<depth).flatMap { k in
        (0..<width).map { $0 < rows ? Float($0 * stride + k) : 0 }
      }
      #expect(panel.values == expected)
      #expect(panel.isIntact)
    }
  }

  @Test(arguments: KernelSet.all)
  func packsStoredWeights(_ kernels: KernelSet) {
    let width = kernels.width
    for (rows, depth) in [(4, 2), (width, 8), (width - 4, 6), (width / 2, 130)] {
      let stride = depth + 3
      // Odd addresses of 16-bit words, as a file may have them.
      let source = (0...rows * stride).map { UInt16(truncatingIfNeeded: $0 &* 40503) & 0xBFFF }
      let wide = Poisoned(count: depth * width)
      let pairs = Poisoned(count: depth / 2 * width)
      source.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        let pack = kernels.table.pointee.pack_bf16
        #expect(pack?(base + 1, stride, rows, depth, wide.base, ALR_NUMBER_F32) == 1)
        #expect(pack?(base + 1, stride, rows, depth, pairs.base, ALR_NUMBER_BF16) == 1)
      }
      for k in 0..<depth {
        for row in 0..<rows {
          let stored = source[1 + row * stride + k]
          #expect(wide.values[k * width + row].bitPattern == UInt32(stored) << 16)
          let pair = pairs.values[k / 2 * width + row].bitPattern
          #expect(UInt16(truncatingIfNeeded: pair >> (k.isMultiple(of: 2) ? 0 : 16)) == stored)
        }
        for row in rows..<width { #expect(wide.values[k * width + row].isNaN) }
      }
      #expect(wide.isIntact && pairs.isIntact)
    }
  }

  @Test(arguments: KernelSet.all, [UInt16(0x7F80), 0xFF80, 0x7FC0])
  func findsStoredWeightsThatAreNotFinite(_ kernels: KernelSet, bits: UInt16) {
    let depth = 14
    let panel = Poisoned(count: depth * kernels.width)
    for place in 0..<4 * depth {
      var source = [UInt16](repeating: 0x7F7F, count: 4 * depth)
      source[place] = bits
      for number in [ALR_NUMBER_F32, ALR_NUMBER_BF16] {
        #expect(
          kernels.table.pointee.pack_bf16(source, depth, 4, depth, panel.base, number) == 0)
      }
    }
  }
}
