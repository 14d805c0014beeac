/// The index of a sharded checkpoint: which file holds which tensor.
struct ShardIndex {
  /// File names, sorted by their bytes.
  let shards: [String]
  /// Position in `shards` of each tensor's file.
  let shardOfTensor: [(tensor: String, shard: Int)]

  init(_ bytes: UnsafeRawBufferPointer) throws(ShardIndexProblem) {
    let document: JSONDocument
    do {
      document = try JSONDocument(parsing: bytes)
    } catch {
      throw .notJSON(error)
    }
    guard let map = document.root["weight_map"], map.kind == .object else { throw .noWeightMap }
    var entries: [(tensor: String, shard: String)] = []
    for (tensor, value) in map.members {
      guard let shard = value.string else { throw .shardNotAString(tensor: tensor) }
      entries.append((tensor, shard))
    }
    let names = Set(entries.map { ExactName($0.shard) }).map(\.text)
    for name in names { try Self.check(name) }
    shards = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var positions: [ExactName: Int] = [:]
    for (position, name) in shards.enumerated() { positions[ExactName(name)] = position }
    shardOfTensor = entries.compactMap { entry in
      positions[ExactName(entry.shard)].map { (entry.tensor, $0) }
    }
  }

  /// A shard lies beside its index: a name that leads anywhere else is refused.
  private static func check(_ name: String) throws(ShardIndexProblem) {
    let separators: Set<UInt8> = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
    guard !name.isEmpty, name != ".", !name.utf8.contains(where: separators.contains),
      !name.contains("..")
    else { throw .unsafeShardName(name) }
    guard name.hasSuffix(".safetensors") else { throw .shardNotSafetensors(name) }
  }

  /// Every tensor must be in the shard that the index names and in no other.
  func check(_ tensors: TensorTable) throws(ShardIndexProblem) {
    for (tensor, shard) in shardOfTensor {
      guard let found = tensors[tensor], found.file == shard else {
        throw .tensorMissing(tensor: tensor, shard: shards[shard])
      }
    }
  }
}
