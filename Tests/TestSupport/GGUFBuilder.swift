import ModelFiles

/// Puts GGUF files together, well-formed or not.
public struct GGUFBuilder {
  public var magic: [UInt8] = Array("GGUF".utf8)
  public var version: [UInt8] = littleEndian(UInt32(3))
  /// What the header says; the true number where `nil`.
  public var tensorCount: UInt64?
  public var keyCount: UInt64?
  public var alignment = 32
  /// Zero bytes behind the last tensor's place; negative cuts the data short.
  public var extra = 0
  /// Whether the file ends with its header, without padding or data.
  public var isHeaderOnly = false
  public private(set) var pairs: [[UInt8]] = []
  public private(set) var records: [[UInt8]] = []
  private var dataCount = 0

  // MARK: Values

  public init() {}

  public static func string(_ text: String) -> [UInt8] {
    littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  public static func array(_ type: UInt32, _ count: Int, _ body: [UInt8]) -> [UInt8] {
    littleEndian(type) + littleEndian(UInt64(count)) + body
  }

  public static func strings(_ texts: [String]) -> [UInt8] {
    array(8, texts.count, texts.flatMap(string))
  }

  // MARK: Pairs

  public mutating func pair(_ key: String, _ type: UInt32, _ value: [UInt8]) {
    pairs.append(Self.string(key) + littleEndian(type) + value)
  }

  public mutating func raw(pair: [UInt8]) { pairs.append(pair) }

  public mutating func set(_ key: String, _ value: UInt32) { pair(key, 4, littleEndian(value)) }
  public mutating func set(_ key: String, _ value: Int32) { pair(key, 5, littleEndian(value)) }
  public mutating func set(_ key: String, _ value: String) { pair(key, 8, Self.string(value)) }
  public mutating func set(_ key: String, _ values: [String]) { pair(key, 9, Self.strings(values)) }
  public mutating func set(_ key: String, _ values: [UInt32]) {
    pair(key, 9, Self.array(4, values.count, values.flatMap { littleEndian($0) }))
  }

  // MARK: Tensors

  /// A tensor at the next aligned place; `dimensions` innermost first, as the file has them.
  public mutating func tensor(
    _ name: String, _ dimensions: [UInt64] = [2], type: UInt32 = 0, bytes: Int = 8
  ) {
    record(name, dimensions, type: type, offset: UInt64(dataCount))
    dataCount = (dataCount + bytes + alignment - 1) / alignment * alignment
  }

  public mutating func record(
    _ name: String, _ dimensions: [UInt64] = [2], rank: UInt32? = nil, type: UInt32 = 0,
    offset: UInt64 = 0
  ) {
    records.append(
      Self.string(name) + littleEndian(rank ?? UInt32(dimensions.count))
        + dimensions.flatMap { littleEndian($0) } + littleEndian(type) + littleEndian(offset))
  }

  public mutating func raw(record: [UInt8]) { records.append(record) }

  public var bytes: [UInt8] {
    let header =
      magic + version + littleEndian(tensorCount ?? UInt64(records.count))
      + littleEndian(keyCount ?? UInt64(pairs.count)) + pairs.flatMap { $0 }
      + records.flatMap { $0 }
    guard !isHeaderOnly else { return header }
    let padding = (alignment - header.count % alignment) % alignment
    return header + [UInt8](repeating: 0, count: max(0, padding + dataCount + extra))
  }

  /// A small file that is right in every way: two blocks, a vocabulary of three pieces.
  public static var sound: GGUFBuilder {
    var builder = GGUFBuilder()
    builder.set("general.architecture", "llama")
    builder.set("llama.block_count", UInt32(2))
    builder.set("llama.embedding_length", UInt32(8))
    builder.set("llama.attention.head_count", UInt32(4))
    builder.set("llama.attention.head_count_kv", UInt32(2))
    builder.set("tokenizer.ggml.tokens", ["a", "b", "ab"])
    builder.set("tokenizer.ggml.bos_token_id", UInt32(0))
    builder.tensor("blk.0.attn_norm.weight")
    builder.tensor("blk.1.attn_norm.weight")
    return builder
  }
}
