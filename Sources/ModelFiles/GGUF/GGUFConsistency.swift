/// Holds the metadata of a GGUF checkpoint against itself and against the tensors.
///
/// Only what is present is checked: which keys an architecture needs is for its configuration.
struct GGUFConsistency {
  let metadata: GGUFMetadata
  let tensors: TensorTable

  func check() throws(GGUFProblem) {
    try checkVocabulary()
    guard let architecture = metadata.string("general.architecture") else { return }
    let blocks = try checkBlockCount(architecture)
    try checkHeads(architecture, blocks: blocks)
  }

  // MARK: Vocabulary

  private func checkVocabulary() throws(GGUFProblem) {
    let tokens = "tokenizer.ggml.tokens"
    guard let type = metadata.type(of: tokens) else { return }
    // Ids outside the vocabulary, such as -1 for none, name no token.
    let count = try arrayCount(tokens, type, needed: "array of strings") { $0 == .string }
    try checkArray("tokenizer.ggml.scores", needed: "array of float32", count) { $0 == .float32 }
    try checkArray("tokenizer.ggml.token_type", needed: "array of integers", count) {
      $0.isInteger
    }
    try checkArray("tokenizer.ggml.merges", needed: "array of strings", nil) { $0 == .string }
    for key in metadata.keys where key.hasPrefix("tokenizer.ggml.") && key.hasSuffix("_token_id") {
      guard let type = metadata.type(of: key), type.isInteger else {
        throw .wrongType(key: key, needed: "integer", found: metadata.type(of: key) ?? .array)
      }
    }
  }

  /// Checks the array under `key`, where there is one: its element type, and its length against
  /// that of the vocabulary.
  private func checkArray(
    _ key: String, needed: String, _ count: Int?, _ accepts: (GGUFValueType) -> Bool
  ) throws(GGUFProblem) {
    guard let type = metadata.type(of: key) else { return }
    let found = try arrayCount(key, type, needed: needed, accepts)
    guard let count, found != count else { return }
    throw .wrongLength(key: key, count: found, needed: count, asIn: "tokenizer.ggml.tokens")
  }

  private func arrayCount(
    _ key: String, _ type: GGUFValueType, needed: String, _ accepts: (GGUFValueType) -> Bool
  ) throws(GGUFProblem) -> Int {
    guard let array = metadata.array(key) else {
      throw .wrongType(key: key, needed: needed, found: type)
    }
    guard accepts(array.elementType) else {
      throw .wrongElementType(key: key, needed: needed, found: array.elementType)
    }
    return array.count
  }

  // MARK: Blocks and heads

  /// The declared number of blocks, which must be that of the tensors `blk.N.…` where there are
  /// any.
  private func checkBlockCount(_ architecture: String) throws(GGUFProblem) -> Int? {
    let key = "\(architecture).block_count"
    guard let type = metadata.type(of: key) else { return nil }
    guard let declared = metadata.unsigned(key) else {
      throw .wrongType(key: key, needed: "unsigned integer", found: type)
    }
    if !tensors.isEmpty {
      let found = tensors.reduce(0) { max($0, Self.blockIndex($1.name).map { $0 + 1 } ?? 0) }
      guard found == declared else {
        throw .blockCountMismatch(key: key, declared: declared, found: found)
      }
    }
    return declared
  }

  /// The `N` of a name that begins with `blk.N.`; at most nine digits are a block index.
  private static func blockIndex(_ name: String) -> Int? {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2)
    guard parts.count == 3, parts[0].elementsEqual("blk".utf8), parts[1].count <= 9 else {
      return nil
    }
    return Int(Substring(parts[1]))
  }

  private func checkHeads(_ architecture: String, blocks: Int?) throws(GGUFProblem) {
    let headKey = "\(architecture).attention.head_count"
    let groupKey = "\(architecture).attention.head_count_kv"
    let widthKey = "\(architecture).embedding_length"
    let heads = try perLayer(headKey, blocks: blocks)
    let groups = try perLayer(groupKey, blocks: blocks)
    guard let heads else { return }
    if let groups {
      for layer in 0..<max(heads.count, groups.count) {
        let head = heads[heads.count == 1 ? 0 : min(layer, heads.count - 1)]
        let group = groups[groups.count == 1 ? 0 : min(layer, groups.count - 1)]
        guard head % group == 0 else {
          throw .headsDoNotDivide(key: headKey, value: head, by: groupKey, divisor: group)
        }
      }
    }
    guard metadata.type(of: "\(architecture).attention.key_length") == nil,
      let width = metadata.unsigned(widthKey)
    else { return }
    for head in heads where width % head != 0 {
      throw .headsDoNotDivide(key: widthKey, value: width, by: headKey, divisor: head)
    }
  }

  /// A head count: one for all layers, or one for each layer; none of them zero.
  private func perLayer(_ key: String, blocks: Int?) throws(GGUFProblem) -> [Int]? {
    guard let type = metadata.type(of: key) else { return nil }
    let values: [Int]
    if let value = metadata.unsigned(key) {
      values = [value]
    } else if let array = metadata.integers(key) {
      values = array
      if let blocks, blocks != array.count {
        throw .wrongLength(key: key, count: array.count, needed: blocks, asIn: "block_count")
      }
    } else {
      throw .wrongType(key: key, needed: "unsigned integer, or one a layer", found: type)
    }
    guard !values.isEmpty, values.allSatisfy({ $0 > 0 }) else { throw .headCountZero(key: key) }
    return values
  }
}
