/// A dense array of numbers in C order, as NumPy's files hold them.
public struct NPYArray: Sendable, Equatable {
  public let shape: [Int]
  public let values: [Double]

  /// - Precondition: the product of `shape` is the number of values.
  public init(shape: [Int], values: [Double]) {
    precondition(TensorInfo.elementCount(shape) == values.count, "shape and count must agree")
    self.shape = shape
    self.values = values
  }
}
