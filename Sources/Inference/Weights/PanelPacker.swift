import CKernels
import ModelFiles

/// Widens stored rows and lays them out as panels for the register tiles.
struct PanelPacker {
  let checkpoint: Checkpoint
  let kernels: Kernels
  let number: alr_number

  /// Columns widened at a time: whole blocks of every type, and 32 rows of them stay in cache.
  private static let block = 512

  /// Floats of scratch a worker needs.
  var scratchCount: Int { kernels.panelWidth * Self.block }

  /// Bytes of one packed panel of `matrix`.
  func panelBytes(_ matrix: WeightMatrix) -> Int {
    matrix.depth.roundedUp(to: 2) * kernels.panelWidth * number.byteCount
  }

  /// Packs panel `index` of `matrix`, (depth, panel width), and returns the name of a tensor
  /// with a weight that is not finite, if there was one.
  func pack(
    _ matrix: WeightMatrix, panel index: Int, into panel: UnsafeMutableRawPointer,
    scratch: UnsafeMutablePointer<Float>
  ) -> String? {
    let width = kernels.panelWidth
    let rows = matrix.rows(ofPanel: index, width: width)
    if let outcome = packStored(rows, depth: matrix.depth, into: panel) { return outcome.culprit }
    let elementsPerLane = number == ALR_NUMBER_BF16 ? 2 : 1
    let depth = matrix.depth
    var culprit: String?
    scratch.update(repeating: 0, count: scratchCount)
    for start in stride(from: 0, to: depth, by: Self.block) {
      let count = min(Self.block, depth - start)
      // An odd last column is paired with zero.
      if !count.isMultiple(of: 2) { scratch.update(repeating: 0, count: scratchCount) }
      for (column, part, row) in rows {
        let target = scratch + column * Self.block
        let isFinite = fill(target, part, row: row, columns: start..<start + count)
        if !isFinite { culprit = part.tensor.name }
      }
      let lanes = (count + elementsPerLane - 1) / elementsPerLane
      scratch.withMemoryRebound(to: UInt32.self, capacity: scratchCount) { source in
        kernels.table.pointee.pack_panel(
          source, Self.block, width, lanes,
          panel.assumingMemoryBound(to: UInt32.self) + start / elementsPerLane * width)
      }
    }
    return culprit
  }

  /// Packs bf16 rows straight from the map where they fill the panel in stretches of consecutive
  /// ones; `nil` where they do not.
  private func packStored(
    _ rows: [(column: Int, part: WeightMatrix.Part, row: Int)], depth: Int,
    into panel: UnsafeMutableRawPointer
  ) -> PackedRows? {
    guard rows.count == kernels.panelWidth, depth.isMultiple(of: 2),
      rows.allSatisfy({ $0.part.tensor.type == .bf16 && !$0.part.isTransposed })
    else { return nil }
    var starts = rows.indices.filter {
      $0 == 0 || rows[$0].part.tensor.name != rows[$0 - 1].part.tensor.name
        || rows[$0].row != rows[$0 - 1].row + 1
    }
    guard starts.allSatisfy({ $0.isMultiple(of: 4) }) else { return nil }
    starts.append(rows.count)
    var culprit: String?
    for (start, end) in zip(starts, starts.dropFirst()) {
      let (column, part, row) = rows[start]
      let stride = part.tensor.shape.last ?? 0
      let isFinite = checkpoint.withBytes(of: part.tensor) { bytes -> Bool in
        guard let base = bytes.baseAddress else { return true }
        // Lanes of 32 bits: a column is one, or one for each of a pair.
        return kernels.table.pointee.pack_bf16(
          (base + row * stride * 2).assumingMemoryBound(to: UInt16.self), stride, end - start,
          depth, panel + column * MemoryLayout<UInt32>.size, number) != 0
      }
      if !isFinite { culprit = part.tensor.name }
    }
    return PackedRows(culprit: culprit)
  }

  /// Writes columns of one stored row in `number`; whether they are all finite.
  private func fill(
    _ target: UnsafeMutablePointer<Float>, _ part: WeightMatrix.Part, row: Int, columns: Range<Int>
  ) -> Bool {
    let table = kernels.table.pointee
    let tensor = part.tensor
    if number == ALR_NUMBER_BF16, tensor.type == .bf16, !part.isTransposed {
      // Stored as it is multiplied: nothing to widen.
      let target = UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt16.self)
      checkpoint.copy(tensor, row: row, columns: columns, into: target)
      return table.all_finite_bf16(target, columns.count) != 0
    }
    if part.isTransposed {
      checkpoint.widen(tensor, column: row, rows: columns, into: target)
      part.scale?.apply(column: row, rows: columns, to: target)
    } else {
      checkpoint.widen(tensor, row: row, columns: columns, into: target)
      part.scale?.apply(row: row, columns: columns, to: target)
    }
    let isFinite = table.all_finite(target, columns.count) != 0
    if number != ALR_NUMBER_F32 {
      table.convert(target, target, columns.count.roundedUp(to: 2), number)
    }
    return isFinite
  }
}

/// A panel packed from the map.
private struct PackedRows {
  /// A tensor with a weight that is not finite.
  let culprit: String?
}

extension Checkpoint {
  /// Writes columns of one row of a matrix as float32; `columns` are whole blocks, and the tensor
  /// is of a type that can be computed with.
  func widen(
    _ tensor: TensorInfo, row: Int, columns: Range<Int>,
    into target: UnsafeMutablePointer<Float>
  ) {
    guard let kernelType = tensor.type.kernelType else { return }
    let first = row * (tensor.shape.last ?? 0) + columns.lowerBound
    let offset = first / tensor.type.elementsPerBlock * tensor.type.bytesPerBlock
    withBytes(of: tensor) { bytes in
      guard let base = bytes.baseAddress else { return }
      alr_dequantize(kernelType, base + offset, target, columns.count)
    }
  }

  /// Writes rows of one column of a matrix as float32; the tensor's type has blocks of one element.
  func widen(
    _ tensor: TensorInfo, column: Int, rows: Range<Int>,
    into target: UnsafeMutablePointer<Float>
  ) {
    guard let kernelType = tensor.type.kernelType else { return }
    let size = tensor.type.bytesPerBlock
    let stride = (tensor.shape.last ?? 0) * size
    withBytes(of: tensor) { bytes in
      guard let base = bytes.baseAddress else { return }
      for row in rows {
        alr_dequantize(
          kernelType, base + row * stride + column * size, target + (row - rows.lowerBound), 1)
      }
    }
  }

  /// Copies columns of one row of a bf16 matrix.
  func copy(
    _ tensor: TensorInfo, row: Int, columns: Range<Int>, into target: UnsafeMutablePointer<UInt16>
  ) {
    let size = MemoryLayout<UInt16>.size
    let offset = (row * (tensor.shape.last ?? 0) + columns.lowerBound) * size
    withBytes(of: tensor) { bytes in
      guard let base = bytes.baseAddress else { return }
      UnsafeMutableRawPointer(target).copyMemory(
        from: base + offset, byteCount: columns.count * size)
    }
  }

  /// A whole vector as float32, followed by zeros up to `capacity`.
  func vector(_ tensor: TensorInfo, capacity: Int) -> [Float] {
    var values = [Float](repeating: 0, count: capacity)
    let count = tensor.elementCount
    guard let kernelType = tensor.type.kernelType, count <= capacity else { return values }
    withBytes(of: tensor) { bytes in
      guard let base = bytes.baseAddress else { return }
      values.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        alr_dequantize(kernelType, base, target, count)
      }
    }
    return values
  }
}
