/// Where one tensor lies and how it is stored.
public struct TensorInfo: Sendable, Hashable {
  public let name: String
  public let type: StoredType
  /// Outermost dimension first, rows contiguous: a linear weight is (out, in) in both formats.
  public let shape: [Int]
  /// Index of the file that holds it, among the files of its checkpoint.
  public let file: Int
  /// First byte, counted from the start of that file.
  public let offset: Int
  public let byteCount: Int

  /// Elements in all; 1 for a scalar. The readers have checked that this does not overflow.
  public var elementCount: Int { Self.elementCount(shape) ?? 0 }

  /// The product of the dimensions; `nil` where it overflows.
  static func elementCount(_ shape: [Int]) -> Int? {
    var product = 1
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The bytes of the file that hold the tensor.
  public var byteRange: Range<Int> { offset..<offset + byteCount }
}
