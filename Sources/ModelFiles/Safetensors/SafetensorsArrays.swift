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

/// Makes the bytes of a safetensors file.
public enum SafetensorsWriter {
  /// The file of `arrays`, one after another, with `metadata` in its header.
  ///
  /// - Precondition: names are distinct and are not `__metadata__`.
  public static func file(
    _ arrays: [(name: String, array: any StoredArray)],
    metadata: [(key: String, value: String)] = []
  ) -> [UInt8] {
    var members: [JSONValue.Member] = []
    if !metadata.isEmpty {
      members.append(
        .init("__metadata__", .object(metadata.map { .init($0.key, .string($0.value)) })))
    }
    var end = 0
    for (name, array) in arrays {
      let begin = end
      end += array.withBytes { $0.count }
      members.append(
        .init(
          name,
          [
            "dtype": .string(array.storedType.name),
            "shape": .array(array.shape.map(JSONValue.int)),
            "data_offsets": [.int(begin), .int(end)],
          ]))
    }
    var header = JSONWriter.bytes(of: .object(members), style: .compact)
    // Data begin at a multiple of eight bytes.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { [UInt8]($0) }
    bytes.reserveCapacity(8 + header.count + end)
    bytes += header
    for (_, array) in arrays { array.withBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }
}
