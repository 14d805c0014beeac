/// Why a checkpoint cannot be read: which file, and which rule it breaks.
///
/// `description` is one line. All its wording is in `CheckpointErrorWording.swift`.
public struct CheckpointError: Error, Sendable, Equatable {
  /// The offending file or folder, as it was given or found.
  public let path: String
  public let problem: CheckpointProblem

  public init(path: String, problem: CheckpointProblem) {
    self.path = path
    self.problem = problem
  }

  /// Whether there is simply nothing at the path, rather than something unreadable.
  public var isMissingInput: Bool {
    switch problem {
    case .file(.missing), .file(.danglingLink), .notInCache, .revisionNotInCache: true
    default: false
    }
  }

  /// Whether something else than a model was given, rather than a model that cannot be read.
  public var isOfAnotherKind: Bool {
    switch problem {
    case .notAModel, .unknownFormat, .folderWithoutModel, .tokenizer, .configuration: true
    default: false
    }
  }
}

/// A rule that a checkpoint breaks, by the format it belongs to.
public enum CheckpointProblem: Sendable, Equatable {
  case file(FileProblem)
  case safetensors(SafetensorsProblem)
  case shardIndex(ShardIndexProblem)
  case gguf(GGUFProblem)

  // What was found at the path.
  case notInCache(repository: String, cache: String)
  case cacheWithoutSnapshot(repository: String)
  /// `revision` is `nil` where none was named, and `known` are those that can be.
  case revisionNotInCache(repository: String, revision: String?, known: [String])
  /// An address, from which nothing is ever fetched.
  case webAddress
  case folderWithoutModel(FolderContents)
  case severalModels([String])
  /// Differences from another model's weights.
  case adapter
  /// A file of a tokenizer alone.
  case tokenizer
  /// `config.json` or one like it.
  case configuration
  case unknownFormat
  /// A file of something else.
  case notAModel(FileSignature)
  case gitLFSPointer
  /// A pickle file, which can run code when it is read.
  case pickle
  case loneShard(count: Int)
  /// A folder holds shards, but not the index that tells which they are.
  case shardsWithoutIndex(count: Int)
  case partMissing(part: Int, count: Int)
  case partUnnamed(count: Int)
  /// `otherFile` is `nil` where both are in the file that the error names.
  case duplicateTensor(tensor: String, otherFile: String?)

  // What the configuration says.
  case configurationMissing
  /// `params.json` stands in its place, as Meta and Mistral publish their models.
  case onlyPublishersLayout
  case configurationNotJSON(JSONError)
  case configurationNotAnObject
  /// `field` is what the configuration says it in; `nil` where the tensors alone tell.
  case quantized(scheme: String, field: String?)
}
