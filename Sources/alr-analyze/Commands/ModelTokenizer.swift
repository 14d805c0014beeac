import Foundation
import ModelFiles

/// Finds the tokenizer of what `MODEL` means.
enum ModelTokenizer {
  /// The tokenizer alone: where it is a file of its own no weights are needed.
  static func load(_ path: String, pre: String?) throws -> Tokenizer {
    if path.hasSuffix(".json"), !path.hasSuffix(".index.json") {
      return try Tokenizer.load(tokenizerJSON: path)
    }
    if path.hasSuffix(".model") { return try Tokenizer.load(sentencePiece: path) }
    let files = FileManager.default
    if ["tokenizer.json", "vocab.json", "tokenizer.model"].contains(where: {
      files.fileExists(atPath: "\(path)/\($0)")
    }) {
      return try Tokenizer.load(directory: path)
    }
    return try load(of: Checkpoint.open(path), pre: pre)
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
