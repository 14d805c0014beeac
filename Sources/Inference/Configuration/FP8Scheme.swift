import ModelFiles

/// What `quantization_config` says about FP8 weights and their scales.
struct FP8Scheme: Sendable, Equatable {
  /// Whether FP8 weights mean nothing without a scale.
  let requiresScales: Bool
  /// Rows and columns that share a scale, where it is one for each block.
  let block: Block?

  struct Block: Sendable, Equatable {
    let rows: Int
    let columns: Int
  }

  /// - Parameter root: `config.json`; `nil` for a GGUF file, which has no such weights.
  init(_ root: JSONNode?) {
    let entries = [root, root?["text_config"]].compactMap { $0?["quantization_config"] }
    let entry = entries.first { !$0.isNull }
    requiresScales = entry != nil
    block = entry.flatMap { Self.block($0["weight_block_size"]) ?? Self.groupBlock($0) }
  }

  /// The block of the first group of compressed-tensors.
  private static func groupBlock(_ entry: JSONNode) -> Block? {
    var block: Block?
    guard let groups = entry["config_groups"], groups.kind == .object else { return nil }
    groups.forEachMember { _, group in
      block = block ?? Self.block(group["weights"]?["block_structure"])
    }
    return block
  }

  private static func block(_ node: JSONNode?) -> Block? {
    guard let node, node.kind == .array, node.count == 2,
      let rows = node.elements[0].int, let columns = node.elements[1].int,
      rows > 0, columns > 0
    else { return nil }
    return Block(rows: rows, columns: columns)
  }
}
