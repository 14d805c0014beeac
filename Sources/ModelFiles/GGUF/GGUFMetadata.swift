/// The key-value pairs of a GGUF file.
///
/// Values stay in the mapped file and are decoded when they are asked for, so a vocabulary of
/// 250,000 pieces costs nothing until somebody reads it. A lookup gives `nil` both where the key
/// is absent and where its value has another type; `type(of:)` tells the two apart.
///
///     let layers = metadata.unsigned("llama.block_count")
///     let pieces = metadata.strings("tokenizer.ggml.tokens")
public struct GGUFMetadata: Sendable {
  let file: MappedFile
  private let entries: [Entry]
  private let positions: [ExactName: Int]

  /// One pair; the reader has checked that every value lies whole inside the file.
  struct Entry: Sendable {
    let key: String
    let type: GGUFValueType
    /// Start of the value in the file.
    let offset: Int
  }

  init(file: MappedFile, entries: [Entry], positions: [ExactName: Int]) {
    self.file = file
    self.entries = entries
    self.positions = positions
  }

  /// All keys, in the order of the file.
  public var keys: [String] { entries.map(\.key) }

  /// The type of the value under `key`; `nil` where there is none.
  public func type(of key: String) -> GGUFValueType? { entry(key)?.type }

  public func string(_ key: String) -> String? {
    guard let entry = entry(key), entry.type == .string else { return nil }
    return file.withBytes { bytes in
      String(decoding: bytes[GGUFStrings.range(at: entry.offset, in: bytes)], as: UTF8.self)
    }
  }

  /// An integer of any width that fits `Int`.
  public func integer(_ key: String) -> Int? {
    guard let entry = entry(key) else { return nil }
    return integer(entry.type, at: entry.offset)
  }

  /// An integer of any width that is not negative and fits `Int`.
  public func unsigned(_ key: String) -> Int? {
    guard let value = integer(key), value >= 0 else { return nil }
    return value
  }

  /// A number of either float width.
  public func float(_ key: String) -> Double? {
    guard let entry = entry(key) else { return nil }
    return float(entry.type, at: entry.offset)
  }

  public func bool(_ key: String) -> Bool? {
    guard let entry = entry(key), entry.type == .bool else { return nil }
    return file.withBytes { $0[entry.offset] != 0 }
  }

  /// The array under `key`, of any element type.
  public func array(_ key: String) -> GGUFArray? {
    guard let entry = entry(key), entry.type == .array else { return nil }
    return GGUFArray(file: file, offset: entry.offset)
  }

  /// An array of strings, none of them decoded yet.
  public func strings(_ key: String) -> GGUFStrings? {
    array(key).flatMap { GGUFStrings($0) }
  }

  /// An array of integers of any width; `nil` also where one of them does not fit `Int`.
  public func integers(_ key: String) -> [Int]? {
    guard let array = array(key), array.elementType.isInteger, let size = array.elementType.size
    else { return nil }
    var values: [Int] = []
    values.reserveCapacity(array.count)
    for index in 0..<array.count {
      guard let value = integer(array.elementType, at: array.start + index * size) else {
        return nil
      }
      values.append(value)
    }
    return values
  }

  /// An array of numbers of either float width.
  public func floats(_ key: String) -> [Double]? {
    guard let array = array(key), let size = array.elementType.size,
      array.elementType == .float32 || array.elementType == .float64
    else { return nil }
    return (0..<array.count).compactMap {
      float(array.elementType, at: array.start + $0 * size)
    }
  }

  public func bools(_ key: String) -> [Bool]? {
    guard let array = array(key), array.elementType == .bool else { return nil }
    return file.withBytes { bytes in
      bytes[array.start..<array.start + array.count].map { $0 != 0 }
    }
  }

  private func entry(_ key: String) -> Entry? {
    positions[ExactName(key)].map { entries[$0] }
  }

  private func integer(_ type: GGUFValueType, at offset: Int) -> Int? {
    file.withBytes { bytes in
      func load<T: FixedWidthInteger>(_: T.Type) -> Int? {
        Int(exactly: T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self)))
      }
      return switch type {
      case .uint8: load(UInt8.self)
      case .int8: load(Int8.self)
      case .uint16: load(UInt16.self)
      case .int16: load(Int16.self)
      case .uint32: load(UInt32.self)
      case .int32: load(Int32.self)
      case .uint64: load(UInt64.self)
      case .int64: load(Int64.self)
      case .float32, .float64, .bool, .string, .array: nil
      }
    }
  }

  private func float(_ type: GGUFValueType, at offset: Int) -> Double? {
    file.withBytes { bytes in
      switch type {
      case .float32:
        let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return Double(Float(bitPattern: UInt32(littleEndian: bits)))
      case .float64:
        let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: bits))
      default:
        return nil
      }
    }
  }
}
