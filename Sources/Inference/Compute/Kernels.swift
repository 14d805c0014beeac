import CKernels

/// The kernels of one instruction set, chosen once for a run.
public struct Kernels: Sendable {
  /// Spellings of `ALR_ISA`, slowest first.
  public static let names = ["scalar", "vector", "avx2", "avx512", "avx512bf16"]

  /// Those of the names that this processor and build can run.
  public static let availableNames = names.filter { alr_kernels_named($0) != nil }

  // The tables are constants of the C module.
  nonisolated(unsafe) let table: UnsafePointer<alr_kernels>

  /// As `ALR_ISA` spells it; results are equal byte for byte within one name.
  public var name: String { String(cString: table.pointee.name) }

  /// Columns of a register tile, and of a panel of packed weights.
  var panelWidth: Int { table.pointee.panel_width }

  /// Rows of a register tile.
  var rowTile: Int { table.pointee.row_tile }

  /// The kernels called `name`, or the fastest of this processor where `name` is `nil`.
  ///
  /// - Throws: `InferenceError.unknownInstructionSet` or `.unavailableInstructionSet`.
  public init(named name: String? = nil) throws(InferenceError) {
    if let name {
      guard Self.names.contains(name) else { throw .unknownInstructionSet(name) }
      guard let table = alr_kernels_named(name) else { throw .unavailableInstructionSet(name) }
      self.table = table
    } else {
      guard let table = alr_kernels_best() else { throw .unavailableInstructionSet("scalar") }
      self.table = table
    }
  }

  /// How operands of products are stored at `precision`.
  func number(for precision: Precision) -> alr_number {
    switch precision {
    case .f32: ALR_NUMBER_F32
    case .bf16: table.pointee.has_bf16 != 0 ? ALR_NUMBER_BF16 : ALR_NUMBER_BF16_IN_F32
    }
  }

  /// Whether `--precision bf16` is faster than float32 here.
  public var hasFastBF16: Bool { table.pointee.has_bf16 != 0 }
}

/// Arithmetic of the matrix products; sums and everything else are float32 or wider.
public enum Precision: String, Sendable, CaseIterable {
  case f32, bf16
}

extension alr_number {
  /// Bytes of one stored operand.
  var byteCount: Int { self == ALR_NUMBER_BF16 ? 2 : 4 }
}
