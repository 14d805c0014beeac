/// One weight file of a checkpoint, mapped, with its header read.
struct CheckpointFile: Sendable {
  let path: FilePath
  let map: MappedFile
  /// Bytes of the header, from the start of the file.
  let headerBytes: Int
  /// By offset.
  let tensors: [TensorInfo]
  /// What the header of a safetensors file says besides its tensors.
  let metadata: [(key: String, value: String)]

  /// Reads the safetensors file at `path`, the `index`-th of its checkpoint.
  init(safetensors path: FilePath, index: Int) throws(CheckpointError) {
    let map = try Self.map(path)
    let header = try Self.refusing(path, CheckpointProblem.safetensors) {
      () throws(SafetensorsProblem) in try SafetensorsHeader(map, index: index)
    }
    self.path = path
    self.map = map
    headerBytes = header.byteCount
    tensors = header.tensors
    metadata = header.metadata
  }

  private init(path: FilePath, map: MappedFile, header: GGUFHeader) {
    self.path = path
    self.map = map
    headerBytes = header.byteCount
    tensors = header.tensors
    metadata = []
  }

  /// Reads the index at `path` and the files that it names, all beside it.
  ///
  /// Which tensors there are the files say themselves: one that the index promises and no shard has
  /// is missed by those who need it.
  static func shards(
    _ path: FilePath
  ) throws(CheckpointError) -> (files: [CheckpointFile], tensors: TensorTable) {
    func refusal(_ problem: ShardIndexProblem) -> CheckpointError {
      CheckpointError(path: path.description, problem: .shardIndex(problem))
    }
    let map = try Self.map(path)
    let index = try refusing(path, CheckpointProblem.shardIndex) {
      () throws(ShardIndexProblem) in
      try map.withBytes { (bytes) throws(ShardIndexProblem) in
        try ShardIndex(bytes, in: path.parent)
      }
    }
    var files: [CheckpointFile] = []
    for (position, name) in index.shards.enumerated() {
      files.append(try CheckpointFile(safetensors: path.parent / name, index: position))
    }
    let tensors: TensorTable
    do {
      tensors = try TensorTable(allTensors(of: files))
    } catch {
      throw refusal(
        .tensorInTwoShards(
          tensor: error.second.name, index.shards[error.first.file],
          index.shards[error.second.file]))
    }
    return (files, tensors)
  }

  /// Reads the GGUF file at `path` and, where it is part 1 of a split one, all other parts.
  ///
  /// The metadata are those of part 1: the others hold only their number.
  static func parts(
    _ path: FilePath
  ) throws(CheckpointError) -> (
    files: [CheckpointFile], tensors: TensorTable, metadata: GGUFMetadata
  ) {
    let split = GGUFSplit(path.lastComponent)
    let count = split?.count ?? 1
    if count > 1, path.kind == .missing {
      throw CheckpointError(
        path: path.description, problem: .partMissing(part: 1, count: count))
    }
    let (first, metadata) = try part(path, index: 0, of: split)
    if count == 1, let declared = metadata.unsigned("split.count"), declared > 1 {
      throw CheckpointError(path: path.description, problem: .partUnnamed(count: declared))
    }
    var files = [first]
    for index in 1..<max(1, count) {
      guard let split else { break }
      let other = path.parent / split.name(ofPart: index + 1)
      guard other.kind != .missing else {
        throw CheckpointError(
          path: other.description, problem: .partMissing(part: index + 1, count: count))
      }
      files.append(try part(other, index: index, of: split).file)
    }
    let tensors = try table(of: files)
    try refusing(path, CheckpointProblem.gguf) { () throws(GGUFProblem) in
      if let declared = metadata.unsigned("split.tensors.count"), declared != tensors.count {
        throw .splitTensorCount(declared: declared, found: tensors.count)
      }
      try GGUFConsistency(metadata: metadata, tensors: tensors).check()
    }
    return (files, tensors, metadata)
  }

  private static func part(
    _ path: FilePath, index: Int, of split: GGUFSplit?
  ) throws(CheckpointError) -> (file: CheckpointFile, metadata: GGUFMetadata) {
    let map = try Self.map(path)
    let header = try refusing(path, CheckpointProblem.gguf) { () throws(GGUFProblem) in
      let header = try GGUFHeader(map, index: index)
      if let split, split.count > 1 { try split.check(header.metadata, part: index + 1) }
      return header
    }
    return (CheckpointFile(path: path, map: map, header: header), header.metadata)
  }

  /// The tensors of all files together; a name that two of them use is refused.
  static func table(of files: [CheckpointFile]) throws(CheckpointError) -> TensorTable {
    do {
      return try TensorTable(allTensors(of: files))
    } catch {
      let isWithinFile = error.first.file == error.second.file
      throw CheckpointError(
        path: files[error.second.file].path.description,
        problem: .duplicateTensor(
          tensor: error.second.name,
          otherFile: isWithinFile ? nil : files[error.first.file].path.lastComponent))
    }
  }

  /// The usual single file shares its list instead of copying it.
  private static func allTensors(of files: [CheckpointFile]) -> [TensorInfo] {
    files.count == 1 ? files[0].tensors : files.flatMap(\.tensors)
  }

  /// Maps the file, refusing the stand-in that Git LFS leaves where weights were not fetched.
  private static func map(_ path: FilePath) throws(CheckpointError) -> MappedFile {
    let map = try refusing(path, CheckpointProblem.file) { () throws(FileProblem) in
      try MappedFile(path.description)
    }
    guard !map.isGitLFSPointer else {
      throw CheckpointError(path: path.description, problem: .gitLFSPointer)
    }
    return map
  }

  /// Runs `body`, naming the file in what it throws.
  private static func refusing<Result, Problem: Error>(
    _ path: FilePath, _ problem: (Problem) -> CheckpointProblem,
    _ body: () throws(Problem) -> Result
  ) throws(CheckpointError) -> Result {
    do {
      return try body()
    } catch {
      throw CheckpointError(path: path.description, problem: problem(error))
    }
  }
}
