/// The key-value pairs of a GGUF file.
///
/// Values stay in the mapped file and are decoded when they are asked for, so a vocabulary of
/// 250,000 pieces costs nothing until somebody reads it. A lookup gives `nil` both where the key
/// is absent and where its value has another type; `type(of:)` tells the two apart.
///
///     let layers = metadata.unsigned("llama.block_count")
///     let pieces = metadata.strings("tokenizer.ggml.tokens")
public struct GGUFMetadata: Sendable {
  private let index: NameIndex<Pairs>

  private struct Pairs: NamedList {
    let file: MappedFile
    /// Where each pair starts, its key first.
    let offsets: [Int]

    var count: Int { offsets.count }

    func withName<Result>(at position: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      file.withBytes { bytes in
        let range = GGUFStrings.range(at: offsets[position], in: bytes)
        return body(UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  /// One pair's value.
  private struct Entry {
    let type: GGUFValueType
    /// Start of the value in the file.
    let offset: Int
  }

  /// Two pairs of one key.
  struct Duplicate: Error {
    let key: String
  }

  /// Takes the pairs that start at `offsets`; the reader has checked that each lies whole inside
  /// the file and has a key in UTF-8 and a known type.
  init(file: MappedFile, offsets: [Int]) throws(Duplicate) {
    let pairs = Pairs(file: file, offsets: offsets)
    do {
      index = try NameIndex(pairs)
    } catch {
      throw Duplicate(
        key: pairs.withName(at: error.second) { String(decoding: $0, as: UTF8.self) })
    }
  }

  private var file: MappedFile { index.list.file }

  /// All keys, in the order of the file.
  public var keys: [String] {
    (0..<index.list.count).map { position in
      index.list.withName(at: position) { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The type of the value under `key`; `nil` where there is none.
  public func type(of key: String) -> GGUFValueType? { entry(key)?.type }

  public func string(_ key: String) -> String? {
    guard let entry = entry(key), entry.type == .string else { return nil }
    return file.withBytes { GGUFStrings.string(at: entry.offset, in: $0) }
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

  /// The token that a `tokenizer.ggml.…_token_id` names; `nil` where it names none, as an id outside
  /// the vocabulary does.
  public func tokenID(_ name: String) -> Int? {
    guard let id = integer("tokenizer.ggml.\(name)"),
      let count = array("tokenizer.ggml.tokens")?.count, (0..<count).contains(id)
    else { return nil }
    return id
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
    guard let position = index.position(of: key) else { return nil }
    return file.withBytes { bytes in
      let end = GGUFStrings.range(at: index.list.offsets[position], in: bytes).upperBound
      let code = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self))
      return GGUFValueType(rawValue: code).map { Entry(type: $0, offset: end + 4) }
    }
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
