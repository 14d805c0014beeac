import AttentionAnalysis
import CKernels
import TestSupport
import Testing

/// Kernels under test, and buffers that show what was read or written beyond them.
struct KernelSet: Sendable, CustomTestStringConvertible {
  nonisolated(unsafe) let table: UnsafePointer<alr_kernels>
  var testDescription: String { String(cString: table.pointee.name) }
  var width: Int { table.pointee.panel_width }
  var rowTile: Int { table.pointee.row_tile }
  var hasBF16: Bool { table.pointee.has_bf16 != 0 }

  init?(_ name: String) {
    guard let table = alr_kernels_named(name) else { return nil }
    self.table = table
  }

  /// Every instruction set of this machine, the scalar reference included.
  static let all = ["scalar", "vector", "avx2", "avx512", "avx512bf16"].compactMap(KernelSet.init)

  /// Those of them with instructions for bfloat16.
  static let withBF16 = all.filter(\.hasBF16)
  static let anyHasBF16 = !withBF16.isEmpty
  /// Why a test of them is skipped.
  static let noBF16: Comment = "this processor has no instructions for bfloat16"
}

extension SplitMix64 {
  mutating func float(_ range: ClosedRange<Float> = -1...1) -> Float {
    Float.random(in: range, using: &self)
  }

  mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in float(range) }
  }
}

/// Memory surrounded by NaN: what is read outside poisons the result, what is written outside is
/// seen by `isIntact`.
final class Poisoned {
  static let margin = 64
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(_ values: [Float]) {
    count = values.count
    let all = UnsafeMutablePointer<Float>.allocate(capacity: count + 2 * Self.margin)
    all.initialize(repeating: .nan, count: count + 2 * Self.margin)
    base = all + Self.margin
    base.update(from: values, count: count)
  }

  convenience init(count: Int) { self.init([Float](repeating: .nan, count: count)) }

  deinit { (base - Self.margin).deallocate() }

  var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
  var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(base) }

  var isIntact: Bool {
    (0..<Self.margin).allSatisfy { (base - 1 - $0).pointee.isNaN && base[count + $0].isNaN }
  }
}

/// The largest distance in units of the last place of the expected values' own scale.
func worstULP(_ found: [Float], _ expected: [Double], scale: [Double]? = nil) -> Double {
  var worst = WorstDifference<Double>()
  for (index, value) in expected.enumerated() {
    let magnitude = max(abs(scale?[index] ?? value), Double(Float.leastNormalMagnitude))
    worst.add(Double(found[index]), value, scale: Double(Float(magnitude).ulp))
  }
  return worst.worst
}

/// Nearest bfloat16, ties to even.
func bf16(_ x: Float) -> Float {
  let bits = x.bitPattern
  return Float(bitPattern: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) & 0xffff_0000)
}

/// The same as two bytes.
func bf16Bits(_ x: Float) -> UInt16 { UInt16(bf16(x).bitPattern >> 16) }
