/// Which files make up the checkpoint that a path means; none of them is read yet.
enum CheckpointLocation: Equatable {
  case safetensors(FilePath)
  case shardIndex(FilePath)
  /// The file itself, or the first part of a split one.
  case gguf(FilePath)

  /// Finds the checkpoint at `path`: a file, a folder, an index, or `org/name` in the local cache.
  init(_ path: String, cache: HuggingFaceCache) throws(CheckpointError) {
    let given = FilePath(path)
    switch given.kind {
    case .file:
      self = try Self.file(given)
    case .folder:
      self = try Self.folder(given)
    case .other:
      throw CheckpointError(path: path, problem: .file(.notARegularFile))
    case .danglingLink:
      throw CheckpointError(path: path, problem: .file(.danglingLink))
    case .missing:
      guard HuggingFaceCache.isRepository(path) || cache.holds(path) else {
        throw CheckpointError(
          path: path, problem: Self.isAddress(path) ? .webAddress : .file(.missing))
      }
      self = try Self.folder(try cache.snapshot(of: path))
    }
  }

  private static func isAddress(_ path: String) -> Bool {
    ["http://", "https://", "hf://", "huggingface.co/", "hf.co/"].contains(where: path.hasPrefix)
  }

  /// The file that was given or found.
  var file: FilePath {
    switch self {
    case .safetensors(let file), .shardIndex(let file), .gguf(let file): file
    }
  }

  private static func file(_ path: FilePath) throws(CheckpointError) -> CheckpointLocation {
    func refusal(_ problem: CheckpointProblem) -> CheckpointError {
      CheckpointError(path: path.description, problem: problem)
    }
    let signature = FileSignature(path.description) ?? .binary
    let suffix = path.lowercasedExtension
    switch signature {
    case .gitLFSPointer: throw refusal(.gitLFSPointer)
    // What is read goes by its contents where its name does not tell, as in a cache of blobs.
    case .gguf: return .gguf(firstPart(path))
    case .safetensors where suffix != "safetensors": return .safetensors(path)
    case .pickle: throw refusal(.pickle)
    case .safetensors, .empty, .text, .json, .binary: break
    default: throw refusal(.notAModel(signature))
    }
    switch suffix {
    case "safetensors":
      if let count = shardCount(path.lastComponent), count > 1 {
        throw refusal(.loneShard(count: count))
      }
      return .safetensors(path)
    case "gguf":
      return .gguf(firstPart(path))
    case _ where pickleExtensions.contains(suffix): throw refusal(.pickle)
    case "json" where path.lastComponent.hasSuffix(".index.json"):
      return .shardIndex(path)
    case "model",
      "json" where path.lastComponent.hasPrefix("tokenizer"):
      throw refusal(.tokenizer)
    case "json" where path.lastComponent.hasSuffix("config.json"):
      throw refusal(.configuration)
    default:
      throw refusal(signature == .binary ? .unknownFormat : .notAModel(signature))
    }
  }

  private static func folder(_ folder: FilePath) throws(CheckpointError) -> CheckpointLocation {
    if let snapshot = try HuggingFaceCache.snapshot(inRepositoryFolder: folder) {
      return try Self.folder(snapshot)
    }
    let names = folder.entries.filter { (folder / $0).kind != .folder }
    func isNamed(_ suffix: String) -> [String] { names.filter { $0.hasSuffix(suffix) } }
    // An adapter's weights are not a model's, whatever lies beside them.
    if names.contains("adapter_config.json"), !names.contains("config.json") {
      throw CheckpointError(path: folder.description, problem: .adapter)
    }
    // Publishers' own files and copies in other types may lie beside these.
    if names.contains("model.safetensors") { return .safetensors(folder / "model.safetensors") }
    if names.contains("model.safetensors.index.json") {
      return .shardIndex(folder / "model.safetensors.index.json")
    }
    let candidates: [CheckpointLocation] =
      [
        isNamed(".safetensors.index.json").map { .shardIndex(folder / $0) },
        isNamed(".safetensors").map { .safetensors(folder / $0) },
        Set(isNamed(".gguf").map { firstPart(folder / $0) })
          .sorted { $0.description < $1.description }.map { .gguf($0) },
      ].first { !$0.isEmpty } ?? []
    if let shard = candidates.first?.file, let count = shardCount(shard.lastComponent), count > 1 {
      throw CheckpointError(path: shard.description, problem: .shardsWithoutIndex(count: count))
    }
    if candidates.count == 1 { return candidates[0] }
    guard candidates.isEmpty else {
      throw CheckpointError(
        path: folder.description,
        problem: .severalModels(candidates.map(\.file.lastComponent)))
    }
    if names.contains("params.json"), !names.contains("config.json") {
      throw CheckpointError(
        path: (folder / "config.json").description, problem: .onlyPublishersLayout)
    }
    if let pickle = names.first(where: {
      pickleExtensions.contains(FilePath($0).lowercasedExtension) || $0.hasSuffix(".bin.index.json")
    }) {
      throw CheckpointError(path: (folder / pickle).description, problem: .pickle)
    }
    throw CheckpointError(
      path: folder.description, problem: .folderWithoutModel(FolderContents(folder)))
  }

  private static let pickleExtensions: Set<String> = ["bin", "pt", "pth", "ckpt", "pkl"]

  /// The `N` of a name that ends in `-00001-of-0000N.safetensors`.
  private static func shardCount(_ name: String) -> Int? {
    name.wholeMatch(of: /.*-[0-9]{5}-of-([0-9]{5})\.safetensors/).flatMap { Int($0.1) }
  }

  /// Part 1 of the split file that `path` is a part of.
  private static func firstPart(_ path: FilePath) -> FilePath {
    guard let split = GGUFSplit(path.lastComponent) else { return path }
    return path.parent / split.name(ofPart: 1)
  }
}
