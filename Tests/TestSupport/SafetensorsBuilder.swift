/// Puts safetensors files together, well-formed or not.
public enum SafetensorsBuilder {
  /// Length, `header`, and `data` zero bytes.
  public static func file(_ header: String, data: Int = 0) -> [UInt8] {
    file(Array(header.utf8), data: data)
  }

  public static func file(_ header: [UInt8], data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    littleEndian(length ?? UInt64(header.count)) + header + [UInt8](repeating: 0, count: data)
  }

  /// One member of the header.
  public static func tensor(
    _ name: String, _ dtype: String = "F32", shape: String = "[2]", at offsets: String = "[0,8]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  /// A file with float32 vectors of the given names, two elements each.
  public static func vectors(_ names: [String]) -> [UInt8] {
    let members = names.enumerated().map {
      tensor($0.element, at: "[\($0.offset * 8),\($0.offset * 8 + 8)]")
    }
    return file("{\(members.joined(separator: ","))}", data: 8 * names.count)
  }
}

public func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}
