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

  /// The fastest kernels of this processor.
  public init() { self.init(table: alr_kernels_best()) }

  /// The kernels called `name`.
  ///
  /// - Throws: `InferenceError.unknownInstructionSet` or `.unavailableInstructionSet`.
  public init(named name: String) throws(InferenceError) {
    guard Self.names.contains(name) else { throw .unknownInstructionSet(name) }
    guard let table = alr_kernels_named(name) else { throw .unavailableInstructionSet(name) }
    self.init(table: table)
  }

  init(table: UnsafePointer<alr_kernels>) { self.table = table }

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

/// The sorting and narrowing that measuring does with scores and positions.
extension Kernels {
  /// Values that `sort` may write beyond as many as there are scores.
  public static let sortMargin = 16

  /// Sorts the magnitudes of `scores` ascending; the same bits for every instruction set.
  ///
  /// - Parameters:
  ///   - sorted: room for as many values as there are scores.
  ///   - scratch: room for `sortMargin` values more; overwritten.
  /// - Returns: `false` where a score is NaN or infinite; `sorted` holds nothing of use then.
  public func sort(
    _ scores: UnsafeBufferPointer<Float>, into sorted: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) -> Bool {
    table.pointee.sort_scores(scores.baseAddress, scores.count, sorted, scratch) != 0
  }

  /// Writes those of `positions` that lie in `range`, counted from its lower bound, in their order.
  ///
  /// - Parameters:
  ///   - positions: distinct.
  ///   - selected: room for `range.count` positions.
  /// - Returns: how many there are.
  public func select(
    _ positions: UnsafeBufferPointer<Int32>, in range: Range<Int>,
    into selected: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.select_range(
      positions.baseAddress, positions.count, Int32(truncatingIfNeeded: range.lowerBound),
      UInt32(truncatingIfNeeded: range.count), selected)
  }
}

/// What measuring computes of vectors.
extension Kernels {
  /// target += factor · source, element by element.
  public func addScaled(
    _ source: UnsafePointer<Float>, _ factor: Float, to target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    table.pointee.add_scaled(source, factor, target, count)
  }
}

/// What scores compute of many vectors, in float64.
extension Kernels {
  /// Rows that `gram` and `solvedSquares` read are as long as a multiple of this.
  public static let columnStep = 16

  /// Sums of the products of rows with rows, the lower triangle of (size, size).
  ///
  /// - Parameters:
  ///   - rows: (size, count); `count` a multiple of `columnStep`.
  ///   - products: room for size · size values.
  public func gram(
    _ rows: UnsafePointer<Double>, count: Int, size: Int,
    into products: UnsafeMutablePointer<Double>
  ) {
    table.pointee.gram(rows, count, size, products)
  }

  /// The squared lengths of the solutions y of L y = x, for each column x of some rows.
  ///
  /// - Parameters:
  ///   - factor: L, the lower triangle of (size, size).
  ///   - rows: (size, count); `count` a multiple of `columnStep`.
  ///   - scratch: room for size · `columnStep` values; overwritten.
  ///   - sums: room for `count` values.
  public func solvedSquares(
    _ factor: UnsafePointer<Double>, _ rows: UnsafePointer<Double>, count: Int, size: Int,
    scratch: UnsafeMutablePointer<Double>, into sums: UnsafeMutablePointer<Double>
  ) {
    table.pointee.solved_squares(factor, rows, count, size, scratch, sums)
  }
}

/// Arithmetic of the matrix products; sums and everything else are float32 or wider.
public enum Precision: String, Sendable, CaseIterable {
  case f32, bf16
}

extension alr_number {
  /// Bytes of one stored operand.
  var byteCount: Int { self == ALR_NUMBER_BF16 ? 2 : 4 }
}
