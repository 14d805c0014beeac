/// A type of number whose arrays NPZ archives and safetensors files hold alike.
public protocol StoredNumber: BitwiseCopyable, Sendable, Equatable, ExpressibleByIntegerLiteral {
  /// As safetensors headers and messages name it.
  static var storedType: StoredType { get }
}

extension Double: StoredNumber {
  public static var storedType: StoredType { .f64 }
}

extension Float: StoredNumber {
  public static var storedType: StoredType { .f32 }
}

extension Int32: StoredNumber {
  public static var storedType: StoredType { .i32 }
}

extension Int64: StoredNumber {
  public static var storedType: StoredType { .i64 }
}

/// A dense array in C order whose elements keep their stored type.
public struct NumberArray<Element: StoredNumber>: StoredArray, Equatable {
  public var shape: [Int]
  public var values: [Element]

  /// - Precondition: the product of `shape` is the number of values.
  public init(shape: [Int], values: [Element]) {
    precondition(TensorInfo.elementCount(shape) == values.count, "shape and count must agree")
    self.shape = shape
    self.values = values
  }

  public var storedType: StoredType { Element.storedType }

  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try values.withUnsafeBytes(body)
  }
}

/// An array of any type of number, as writers take it.
public protocol StoredArray: Sendable {
  var shape: [Int] { get }
  var storedType: StoredType { get }

  /// Calls `body` with the little-endian elements in C order.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}
