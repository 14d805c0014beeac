/// The tensors of a checkpoint, in the order of their files and offsets, and by name.
public struct TensorTable: Sendable, RandomAccessCollection {
  private let tensors: [TensorInfo]
  private let positions: [ExactName: Int32]

  /// Two tensors of one name; `second` comes later in the list.
  struct Duplicate: Error {
    let first: TensorInfo
    let second: TensorInfo
  }

  init(_ tensors: [TensorInfo]) throws(Duplicate) {
    var positions: [ExactName: Int32] = [:]
    positions.reserveCapacity(tensors.count)
    for (position, tensor) in tensors.enumerated() {
      let name = ExactName(tensor.name)
      if let earlier = positions.updateValue(Int32(truncatingIfNeeded: position), forKey: name) {
        throw Duplicate(first: tensors[Int(earlier)], second: tensor)
      }
    }
    self.tensors = tensors
    self.positions = positions
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { tensors.count }
  public subscript(position: Int) -> TensorInfo { tensors[position] }

  /// The tensor of exactly this name, found in constant time.
  public subscript(name: String) -> TensorInfo? {
    positions[ExactName(name)].map { tensors[Int($0)] }
  }
}
