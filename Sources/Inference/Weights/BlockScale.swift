import ModelFiles

/// What the stored elements of an FP8 tensor are multiplied by: one factor for each block of a
/// matrix, be it a row, the whole matrix or a tile of it.
struct BlockScale: Sendable {
  /// (matrix, block row, block column), or one for all
  private let values: [Float]
  /// Rows of one of the matrices that follow one another in the tensor.
  private let rowsPerMatrix: Int
  private let block: FP8Scheme.Block
  /// Blocks down and across a matrix; none where one value is for all.
  private let blockRows: Int
  private let blockColumns: Int

  /// - Parameters:
  ///   - shape: of the weights, (rows, columns) or (matrix, rows, columns).
  ///   - scaleShape: of the scales; one for all, one for each row, or one for each block.
  ///   - declared: the block that the configuration names: blocks at the edge may be smaller.
  /// - Returns: `nil` where the shapes do not fit together.
  init?(values: [Float], shape: [Int], scaleShape: [Int], declared: FP8Scheme.Block?) {
    guard shape.count >= 2, shape.allSatisfy({ $0 > 0 }) else { return nil }
    let matrices = shape.dropLast(2)
    let rows = shape[shape.count - 2]
    let columns = shape[shape.count - 1]
    self.values = values
    rowsPerMatrix = rows
    if values.count == 1 {
      (blockRows, blockColumns) = (0, 0)
      block = .init(rows: rows, columns: columns)
      return
    }
    let grid: [Int]
    if scaleShape.count == shape.count, scaleShape.dropLast(2) == matrices {
      grid = Array(scaleShape.suffix(2))
    } else if scaleShape == shape.dropLast() {
      grid = [rows, 1]
    } else if !matrices.isEmpty, scaleShape == Array(matrices) {
      grid = [1, 1]
    } else {
      return nil
    }
    guard let height = Self.extent(rows, in: grid[0], declared: declared?.rows),
      let width = Self.extent(columns, in: grid[1], declared: declared?.columns)
    else { return nil }
    (blockRows, blockColumns) = (grid[0], grid[1])
    block = .init(rows: height, columns: width)
  }

  /// The length of each of `count` blocks that `length` is cut into.
  private static func extent(_ length: Int, in count: Int, declared: Int?) -> Int? {
    if count == 1 { return length }
    if let declared, declared <= length, (length + declared - 1) / declared == count {
      return declared
    }
    return count > 0 && length.isMultiple(of: count) ? length / count : nil
  }

  /// Multiplies widened columns of stored row `row`.
  func apply(row: Int, columns: Range<Int>, to elements: UnsafeMutablePointer<Float>) {
    var column = columns.lowerBound
    while column < columns.upperBound {
      let end = min((column / block.columns + 1) * block.columns, columns.upperBound)
      let factor = factor(row: row, column: column)
      for index in column - columns.lowerBound..<end - columns.lowerBound {
        elements[index] *= factor
      }
      column = end
    }
  }

  /// Multiplies widened rows of stored column `column`.
  func apply(column: Int, rows: Range<Int>, to elements: UnsafeMutablePointer<Float>) {
    for row in rows { elements[row - rows.lowerBound] *= factor(row: row, column: column) }
  }

  private func factor(row: Int, column: Int) -> Float {
    guard blockRows > 0 else { return values[0] }
    let (matrix, inner) = row.quotientAndRemainder(dividingBy: rowsPerMatrix)
    let line = matrix * blockRows + inner / block.rows
    return values[line * blockColumns + column / block.columns]
  }
}

extension Checkpoint {
  /// The elements of a tensor of scales as float32; `nil` where it holds no numbers.
  func scales(_ tensor: TensorInfo) -> [Float]? {
    switch tensor.type {
    case .f32, .f16, .bf16:
      return vector(tensor, capacity: tensor.elementCount)
    case .f8E8M0, .u8:
      // Exponents alone: 2^(e - 127), of which the lowest is subnormal and the highest is NaN.
      return withBytes(of: tensor) { bytes in
        bytes.map { exponent in
          switch exponent {
          case 0: Float(bitPattern: 0x0040_0000)
          case 255: .nan
          default: Float(bitPattern: UInt32(exponent) << 23)
          }
        }
      }
    default:
      return nil
    }
  }
}
