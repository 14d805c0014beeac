import ModelFiles
import Tokenization

/// Finds the tokenizer of what `MODEL` means.
enum ModelTokenizer {
  static let unusedPre = "--pre is for GGUF files: this model's tokenizer says how it splits text"

  /// The tokenizer alone: where it is a file of its own no weights are needed.
  ///
  /// Warns of a `pre` that nothing reads.
  static func load(_ path: String, pre: String?, _ console: Console) throws -> Tokenizer {
    let tokenizer: Tokenizer
    var readsPre = false
    if path.hasSuffix(".json"), !path.hasSuffix(".index.json") {
      if let kind = WrongKind.tokenizer(path) { throw kind }
      tokenizer = try Tokenizer.load(tokenizerJSON: path)
    } else if path.hasSuffix(".model") {
      tokenizer = try Tokenizer.load(sentencePiece: path)
    } else if let folder = folder(path) {
      tokenizer = try Tokenizer.load(directory: folder)
    } else {
      let checkpoint = try Checkpoint.openOrSayWhat(path)
      readsPre = checkpoint.gguf != nil
      tokenizer = try load(of: checkpoint, pre: pre)
    }
    if pre != nil, !readsPre { console.warn(unusedPre) }
    return tokenizer
  }

  /// The folder that `path` means, where it holds a tokenizer's files.
  private static func folder(_ path: String) -> String? {
    let folder = Checkpoint.folder(path) ?? path
    let holdsTokenizer = ["tokenizer.json", "vocab.json", "tokenizer.model"].contains {
      PathKind("\(folder)/\($0)").exists
    }
    return holdsTokenizer ? folder : nil
  }

  /// The tokenizer in a checkpoint's own file or folder.
  static func load(of checkpoint: Checkpoint, pre: String?) throws -> Tokenizer {
    if let metadata = checkpoint.gguf {
      return try Tokenizer.load(
        gguf: metadata, path: checkpoint.fileNames.first ?? checkpoint.name, pre: pre)
    }
    return try Tokenizer.load(directory: checkpoint.directory)
  }
}
