/// Reads arrays of numbers from a lone safetensors file, which is trusted no more than a model's.
///
///     let file = try SafetensorsArrays("capture.safetensors")
///     let keys = try file.array("keys", of: Float.self)
public struct SafetensorsArrays: Sendable {
  private let file: CheckpointFile
  /// What `__metadata__` says, in its order.
  public let metadata: [(key: String, value: String)]
  public var names: [String] { file.tensors.map(\.name) }

  /// Opens the file at `path` and checks its header; no array is read yet.
  public init(_ path: String) throws(CheckpointError) {
    file = try CheckpointFile(safetensors: FilePath(path), index: 0)
    metadata = file.metadata
    _ = try CheckpointFile.table(of: [file])
  }

  /// The array of that name; `nil` where there is none, or its elements are of another type.
  public func array<Element: StoredNumber>(
    _ name: String, of type: Element.Type
  ) -> NumberArray<Element>? {
    let wanted = ExactName(name)
    guard let tensor = file.tensors.first(where: { ExactName($0.name) == wanted }),
      tensor.type == Element.storedType
    else { return nil }
    let values = [Element](unsafeUninitializedCapacity: tensor.elementCount) { buffer, count in
      count = tensor.elementCount
      file.map.withBytes { bytes in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[tensor.byteRange]))
      }
    }
    return NumberArray(shape: tensor.shape, values: values)
  }
}
