import Dispatch

/// A model's weights and configuration, opened and checked, with every tensor still in the map.
///
///     let checkpoint = try Checkpoint.open("SmolLM2-135M")
///     if let embedding = checkpoint.tensors["model.embed_tokens.weight"] {
///       checkpoint.withBytes(of: embedding) { bytes in … }
///     }
public final class Checkpoint: Sendable {
  public enum Format: Sendable, Equatable {
    case safetensors, gguf
  }

  /// What the format tells besides tensors.
  private enum Description: Sendable {
    case configuration(JSONDocument)
    case metadata(GGUFMetadata)
  }

  /// What results call the model; a base name.
  public let name: String
  /// The folder of the weights, where a tokenizer is looked for.
  public let directory: String
  /// In the order of files and offsets.
  public let tensors: TensorTable
  /// The file that describes the model: `config.json`, or the GGUF file.
  public let configurationPath: String
  private let files: [CheckpointFile]
  private let details: Description

  /// Opens what `path` means: a `.safetensors` file, a folder in Hugging Face layout, an index
  /// JSON, a `.gguf` file or any part of a split one, or `org/name` or `org/name@revision` in the
  /// local cache. Files whose names tell nothing are recognised by their first bytes.
  ///
  /// - Throws: `CheckpointError` naming the file, the field and the broken rule.
  public static func open(_ path: String) throws(CheckpointError) -> Checkpoint {
    try open(path, cache: HuggingFaceCache())
  }

  static func open(
    _ path: String, cache: HuggingFaceCache
  ) throws(CheckpointError) -> Checkpoint {
    try Checkpoint(CheckpointLocation(path, cache: cache))
  }

  /// The folder that `path` means: itself, or a snapshot in the local cache, with weights or
  /// without.
  public static func folder(_ path: String) -> String? { folder(path, cache: HuggingFaceCache()) }

  static func folder(_ path: String, cache: HuggingFaceCache) -> String? {
    switch PathKind(path) {
    case .folder:
      (try? HuggingFaceCache.snapshot(inRepositoryFolder: FilePath(path)))?.description ?? path
    case .missing where HuggingFaceCache.isRepository(path) || cache.holds(path):
      (try? cache.snapshot(of: path))?.description
    default: nil
    }
  }

  private init(_ location: CheckpointLocation) throws(CheckpointError) {
    name = location.modelName
    let folder = location.file.parent
    directory = folder.description
    switch location {
    case .safetensors(let path):
      let file = try CheckpointFile(safetensors: path, index: 0)
      files = [file]
      tensors = try CheckpointFile.table(of: files)
    case .shardIndex(let path):
      (files, tensors) = try CheckpointFile.shards(path)
    case .gguf(let path):
      let metadata: GGUFMetadata
      (files, tensors, metadata) = try CheckpointFile.parts(path)
      details = .metadata(metadata)
      configurationPath = path.description
      return
    }
    let path = folder / "config.json"
    configurationPath = path.description
    let configuration = try Self.readConfiguration(path, tensors: tensors)
    details = .configuration(configuration)
  }

  public var format: Format {
    switch details {
    case .configuration: .safetensors
    case .metadata: .gguf
    }
  }

  /// `config.json`, whose root is an object; `nil` for a GGUF checkpoint.
  public var configuration: JSONDocument? {
    if case .configuration(let document) = details { document } else { nil }
  }

  /// The metadata of a GGUF checkpoint; `nil` for safetensors.
  public var gguf: GGUFMetadata? {
    if case .metadata(let metadata) = details { metadata } else { nil }
  }

  /// Base names of the weight files; `TensorInfo.file` counts in this list.
  public var fileNames: [String] { files.map(\.path.lastComponent) }

  /// Bytes of each weight file.
  public var fileSizes: [Int] { files.map(\.map.count) }

  /// Elements of all tensors together; a tied output matrix is stored, and counted, once.
  public var parameterCount: Int {
    tensors.reduce(0) { sum, tensor in
      let (next, overflow) = sum.addingReportingOverflow(tensor.elementCount)
      return overflow ? .max : next
    }
  }

  /// Calls `body` with the stored bytes of a tensor of this checkpoint, which must not escape it.
  ///
  /// The bytes are those of the mapped file; they need not be aligned to their type.
  public func withBytes<Result, Failure: Error>(
    of tensor: TensorInfo, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try files[tensor.file].map.withBytes { (bytes) throws(Failure) -> Result in
      try body(UnsafeRawBufferPointer(rebasing: bytes[tensor.byteRange]))
    }
  }

  /// Starts reading tensors from disk, on a thread of its own: the system lets the caller wait
  /// while its queue of reads is full. Only the mapped files live as long as that takes.
  public func prefetch(_ tensors: [TensorInfo]) {
    let ranges = tensors.map { (map: files[$0.file].map, bytes: $0.byteRange) }
    DispatchQueue.global(qos: .utility).async {
      for range in ranges { range.map.advise(.willNeed, range.bytes) }
    }
  }

  /// Lets the memory of a tensor go; it is read again when it is next used.
  public func release(_ tensor: TensorInfo) {
    files[tensor.file].map.advise(.dontNeed, tensor.byteRange)
  }

  /// SHA-256 of the headers and of the first and last 4 KiB of every tensor, in lower-case hex.
  ///
  /// Two checkpoints of equal fingerprint have equal names, shapes, types and edges of all tensors.
  public func fingerprint() -> String {
    var hash = SHA256()
    for file in files {
      file.map.withBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<file.headerBytes])) }
    }
    for tensor in tensors {
      withBytes(of: tensor) { bytes in
        hash.update(UnsafeRawBufferPointer(rebasing: bytes.prefix(4096)))
        hash.update(UnsafeRawBufferPointer(rebasing: bytes.suffix(4096)))
      }
    }
    return hash.finalize()
  }

  private static func readConfiguration(
    _ path: FilePath, tensors: TensorTable
  ) throws(CheckpointError) -> JSONDocument {
    func refusal(_ problem: CheckpointProblem) -> CheckpointError {
      CheckpointError(path: path.description, problem: problem)
    }
    let file: MappedFile
    do {
      file = try MappedFile(path.description)
    } catch {
      guard error == .missing else { throw refusal(.file(error)) }
      let hasParameters = (path.parent / "params.json").kind == .file
      throw refusal(hasParameters ? .onlyPublishersLayout : .configurationMissing)
    }
    let document: JSONDocument
    do {
      document = try file.withBytes { (bytes) throws(JSONError) in
        // Python writes such numbers, and whoever needs one of these fields finds no number there.
        try JSONDocument(parsing: bytes, limits: JSONLimits(allowsNonFinite: true))
      }
    } catch {
      throw refusal(.configurationNotJSON(error))
    }
    guard document.root.kind == .object else { throw refusal(.configurationNotAnObject) }
    if let scheme = UnsupportedQuantization.scheme(
      configuration: document.root, tensors: tensors)
    {
      throw refusal(.quantized(scheme: scheme.name, field: scheme.field))
    }
    return document
  }
}
