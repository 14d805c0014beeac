import Foundation
import ModelFiles

extension Command {
  /// `tokenize MODEL [FILE…]`: the ids of each text on one line.
  static let tokenize = Command(
    spec: CommandSpec(
      name: "tokenize",
      summary: "show the token ids of texts, one line a text",
      positionals: [
        PositionalSpec(
          name: "MODEL", help: "a model as analyze takes it, or a tokenizer.json; needs no weights"),
        PositionalSpec(
          name: "FILE", help: "texts, each one line of ids; standard input where none is named",
          arity: .any),
      ],
      options: [
        .flag("special", "add the special tokens that the tokenizer puts around a text"),
        .flag("pieces", "show pieces of the vocabulary instead of ids"),
        .value("pre", "NAME", "pre-tokenizer of a GGUF file", default: "what the file says"),
        .flag("json", "print a JSON array, one object a text"),
      ],
      examples: [
        "alr-analyze tokenize ./SmolLM2-135M notes.txt",
        "alr-analyze tokenize model.gguf --special --pieces",
      ]),
    run: { arguments, console in
      let tokenizer = try ModelTokenizer.load(
        arguments.positionals[0], pre: arguments.value("pre"))
      let named = Array(arguments.positionals.dropFirst())
      var objects: [JSONValue] = []
      for path in named.isEmpty ? ["-"] : named {
        var ids = tokenizer.encode(
          try TextFile.read(path), threads: ProcessInfo.processInfo.activeProcessorCount)
        if arguments.has("special") {
          ids = tokenizer.specialPrefix + ids + tokenizer.specialSuffix
        }
        let pieces = arguments.has("pieces") ? ids.map { tokenizer.piece($0) ?? "" } : nil
        if arguments.has("json") {
          var members: [JSONValue.Member] = [
            .init("file", .string(path)), .init("ids", .array(ids.map { .int(Int($0)) })),
          ]
          if let pieces { members.append(.init("pieces", .array(pieces.map(JSONValue.string)))) }
          objects.append(.object(members))
        } else {
          let words = pieces?.map(Console.line) ?? ids.map { "\($0)" }
          try console.print(words.joined(separator: " "))
        }
      }
      if arguments.has("json") {
        try console.print(String(JSONWriter.string(of: .array(objects)).dropLast()))
      }
    })
}

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
