/// What a folder holds in place of a model, as far as names tell.
public enum FolderContents: Sendable, Equatable {
  case nothing
  case texts(example: String)
  /// The Hugging Face cache, or its `hub`; a repository of it where there is one.
  case cache(example: String?)
  /// Weights of another program.
  case weights(example: String, of: String)
  case others(example: String)

  init(_ folder: FilePath) {
    let names = folder.entries.filter { !$0.hasPrefix(".") }
    func first(_ suffixes: [String]) -> String? {
      names.first { suffixes.contains(FilePath($0).lowercasedExtension) }
    }
    let hub = names.contains("hub") ? (folder / "hub").entries : names
    if let repository = hub.first(where: { $0.hasPrefix("models--") }) {
      self = .cache(example: HuggingFaceCache.repository(ofFolder: repository))
      return
    }
    for (suffixes, program) in Self.programs {
      if let example = first(suffixes) {
        self = .weights(example: example, of: program)
        return
      }
    }
    if let example = first(["txt", "md", "jsonl"]) {
      self = .texts(example: example)
    } else {
      self = names.first.map { .others(example: $0) } ?? .nothing
    }
  }

  private static let programs: [(suffixes: [String], program: String)] = [
    (["h5", "keras", "pb"], "TensorFlow"), (["msgpack"], "Flax"), (["onnx"], "ONNX"),
    (["tflite"], "TensorFlow Lite"), (["mlmodel", "mlpackage"], "Core ML"),
    (["npz"], "NumPy or an older MLX"),
  ]

  /// Whether there are weights and what describes them, complete or not.
  static func holdsModel(_ folder: FilePath) -> Bool {
    let names = folder.entries.filter { (folder / $0).kind == .file }
    return names.contains { $0.hasSuffix(".gguf") }
      || names.contains("config.json") && names.contains { $0.hasSuffix(".safetensors") }
  }
}

extension FolderContents: CustomStringConvertible {
  /// Goes behind "no model in this folder".
  public var description: String {
    switch self {
    case .nothing: ", which is empty"
    case .texts(let example): ", but texts such as \(printable(example))"
    case .cache: ", which is the Hugging Face cache"
    case .weights(let example, let program):
      ", but weights of \(program) such as \(printable(example))"
    case .others(let example): ", but other files such as \(printable(example))"
    }
  }
}
