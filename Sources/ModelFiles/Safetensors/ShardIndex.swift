/// The index of a sharded checkpoint: which file holds which tensor.
struct ShardIndex {
  /// File names, sorted by their bytes.
  let shards: [String]
  /// From the names of tensors to those of shards, all of them strings.
  private let map: JSONNode

  /// Reads an index that lies in `folder`, as must the shards that it names.
  init(_ bytes: UnsafeRawBufferPointer, in folder: FilePath) throws(ShardIndexProblem) {
    let document: JSONDocument
    do {
      document = try JSONDocument(parsing: bytes)
    } catch {
      throw .notJSON(error)
    }
    guard let map = document.root["weight_map"], map.kind == .object else { throw .noWeightMap }
    var names: Set<ExactName> = []
    try Self.forEachEntry(map) { (_, shard) throws(ShardIndexProblem) in
      guard names.insert(ExactName(shard)).inserted else { return }
      try Self.check(shard, in: folder)
    }
    self.map = map
    shards = names.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A shard lies beside its index: a name that leads anywhere else is refused.
  private static func check(
    _ name: String, in folder: FilePath
  ) throws(ShardIndexProblem) {
    let separators: Set<UInt8> = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
    guard !name.isEmpty, name != ".", !name.utf8.contains(where: separators.contains),
      !name.contains("..")
    else { throw .unsafeShardName(name) }
    guard name.hasSuffix(".safetensors") else { throw .shardNotSafetensors(name) }
    guard (folder / name).kind != .missing else { throw .shardMissing(name) }
  }

  /// Visits the entries until `body` throws; nothing is kept, for an index can be long.
  private static func forEachEntry(
    _ map: JSONNode, _ body: (_ tensor: String, _ shard: String) throws(ShardIndexProblem) -> Void
  ) throws(ShardIndexProblem) {
    var problem: ShardIndexProblem?
    map.forEachMember { key, value in
      guard problem == nil else { return }
      let tensor = String(decoding: key, as: UTF8.self)
      do throws(ShardIndexProblem) {
        guard let shard = value.string else { throw .shardNotAString(tensor: tensor) }
        try body(tensor, shard)
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
  }
}
