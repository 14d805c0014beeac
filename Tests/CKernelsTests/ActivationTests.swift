import CKernels
import Foundation
import Testing

/// A nonlinearity and its definition in float64.
enum Activation: Sendable, CaseIterable {
  case silu, gelu, geluTanh, geluQuick

  var kernel: alr_activation {
    switch self {
    case .silu: ALR_ACTIVATION_SILU
    case .gelu: ALR_ACTIVATION_GELU
    case .geluTanh: ALR_ACTIVATION_GELU_TANH
    case .geluQuick: ALR_ACTIVATION_GELU_QUICK
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .silu: x / (1 + exp(-x))
    case .gelu: x * erfc(-x * 0.5.squareRoot()) / 2
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .geluQuick: x / (1 + exp(-1.702 * x))
    }
  }
}

/// Nonlinearities of every instruction set over their whole range.
struct ActivationTests {
  /// Evenly spaced arguments, and what lies at the edges.
  static let arguments: [Float] =
    (-4000...4000).map { Float($0) / 200 } + [
      -1e30, -200, -88, -0.625, -1e-3, -1e-30, -0, 0, 1e-30, 1e-3, 0.6249999, 0.625, 88, 200, 1e30,
    ]

  /// In units of the last place of the argument; worst seen: 1.5 (silu), 2.5 (gelu), 1.6
  /// (gelu_tanh), 1.5 (gelu_quick).
  @Test(arguments: KernelSet.all, Activation.allCases)
  func activations(_ kernels: KernelSet, activation: Activation) {
    let x = Poisoned(Self.arguments)
    var one = [Float](repeating: 0, count: kernels.width)
    one[0] = 1
    let panel = Poisoned(one)
    let output = Poisoned(count: x.count * kernels.width)
    var job = alr_product()
    job.a = UnsafeRawPointer(x.raw)
    job.a_stride = 1
    job.rows = x.count
    job.depth = 1
    job.panels = UnsafeRawPointer(panel.raw)
    job.panel_stride = kernels.width
    job.panel_count = 1
    job.c = output.raw
    job.c_stride = kernels.width
    kernels.table.pointee.product_activated(&job, activation.kernel)
    let found = (0..<x.count).map { output.values[$0 * kernels.width] }
    let expected = Self.arguments.map { activation(Double($0)) }
    #expect(worstULP(found, expected, scale: Self.arguments.map(Double.init)) < 3)
    #expect(output.isIntact)
  }

  /// In units of the last place of the result; worst seen: 2.5, of the scalar reference 3.4.
  @Test(arguments: KernelSet.all)
  func softCap(_ kernels: KernelSet) {
    let scale: Float = 0.25
    let cap: Float = 3
    for count in [1, 5, Self.arguments.count] {
      let values = Poisoned(Array(Self.arguments.suffix(count)))
      kernels.table.pointee.soft_cap(values.base, scale, cap, count)
      let expected = Self.arguments.suffix(count).map {
        Double(cap) * tanh(Double($0) * Double(scale) / Double(cap))
      }
      #expect(worstULP(values.values, expected) < 4)
      #expect(values.isIntact)
    }
  }
}
