import ModelFiles
import Tokenization

/// The tokens that end an answer: the tokenizer's EOS and what the model's own files name beside it.
public enum EndTokens {
  /// Reads `eos_token_id` of `generation_config.json` and `config.json`, or the end tokens of GGUF
  /// metadata.
  public static func of(_ checkpoint: Checkpoint, _ tokenizer: Tokenizer) -> Set<Int32> {
    var ends = Set([tokenizer.eosID].compactMap(\.self))
    if let metadata = checkpoint.gguf {
      for key in ["eos_token_id", "eot_token_id", "eom_token_id"] {
        if let id = metadata.tokenID(key) { ends.formUnion(Self.ids([id])) }
      }
      return ends
    }
    ends.formUnion(ids(checkpoint.configuration?.root["eos_token_id"]))
    let path = (FilePath(checkpoint.directory) / "generation_config.json").description
    if let bytes = try? MappedFile(path).withBytes({ [UInt8]($0) }),
      let document = try? JSONDocument(parsing: bytes)
    {
      ends.formUnion(ids(document.root["eos_token_id"]))
    }
    return ends
  }

  /// One id or a list of them.
  private static func ids(_ node: JSONNode?) -> Set<Int32> {
    guard let node else { return [] }
    return ids(([node.int] + node.elements.map(\.int)).compactMap(\.self))
  }

  private static func ids(_ values: [Int]) -> Set<Int32> {
    Set(values.compactMap(Int32.init(exactly:)))
  }
}
