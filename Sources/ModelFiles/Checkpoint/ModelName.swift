extension CheckpointLocation {
  /// What results call the model: the file's base name without extension and part number, or the
  /// folder's where the file is just `model…`.
  var modelName: String {
    if let repository = HuggingFaceCache.repositoryName(around: file) { return repository }
    let path = file.absolute
    let folder = path.parent.lastComponent
    switch self {
    case .shardIndex:
      return folder
    case .safetensors, .gguf:
      let name = path.lastComponent
      let stem =
        GGUFSplit(name)?.stem ?? String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
      let isJustModel = stem.wholeMatch(of: /model([^A-Za-z].*)?/) != nil
      return isJustModel && folder != "/" && !folder.isEmpty ? folder : stem
    }
  }
}
