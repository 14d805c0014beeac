import ModelFiles
import Tokenization

extension ChatTemplate {
  /// The template that a model brings, where it is of a family that is known.
  ///
  /// - Throws: `ChatError.unreadable` for a file that is there and cannot be read.
  public static func load(
    of checkpoint: Checkpoint, tokenizer: Tokenizer
  ) throws(ChatError) -> ChatTemplate? {
    guard let text = try jinja(of: checkpoint) else { return nil }
    func spelling(_ id: Int32?) -> String { id.flatMap(tokenizer.piece) ?? "" }
    return ChatTemplate(
      jinja: text, bos: spelling(tokenizer.bosID), eos: spelling(tokenizer.eosID))
  }

  /// The text of a model's template: `tokenizer.chat_template` of a GGUF file; in a folder
  /// `chat_template.jinja`, else the field of `chat_template.json` or of `tokenizer_config.json`, of
  /// several templates the one called `default`. `nil` where there is none.
  public static func jinja(of checkpoint: Checkpoint) throws(ChatError) -> String? {
    if let metadata = checkpoint.gguf { return metadata.string("tokenizer.chat_template") }
    return try jinja(inFolder: checkpoint.directory)
  }

  static func jinja(inFolder directory: String) throws(ChatError) -> String? {
    let folder = FilePath(directory)
    let own = folder / "chat_template.jinja"
    if own.kind != .missing { return String(decoding: try bytes(own), as: UTF8.self) }
    for name in ["chat_template.json", "tokenizer_config.json"] {
      let path = folder / name
      guard path.kind != .missing else { continue }
      let root: JSONNode
      do {
        root = try JSONDocument(parsing: try bytes(path)).root
      } catch let error as ChatError {
        throw error
      } catch {
        throw .unreadable(path: path.description, reason: "\(error)")
      }
      if let text = text(root["chat_template"]) { return text }
    }
    return nil
  }

  private static func text(_ node: JSONNode?) -> String? {
    guard let node else { return nil }
    if let text = node.string { return text }
    return node.elements.first { $0["name"]?.string == "default" }?["template"]?.string
  }

  private static func bytes(_ path: FilePath) throws(ChatError) -> [UInt8] {
    do {
      return try MappedFile(path.description).withBytes { [UInt8]($0) }
    } catch {
      throw .unreadable(path: path.description, reason: "cannot be read: \(error)")
    }
  }
}
