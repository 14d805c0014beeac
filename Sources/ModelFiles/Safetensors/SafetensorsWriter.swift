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
