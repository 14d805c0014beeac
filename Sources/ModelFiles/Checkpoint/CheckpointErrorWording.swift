// Every sentence that tells a user why a checkpoint was refused. Names from the file go through
// `quoted`: they come from strangers and end up on a terminal.

extension CheckpointError: CustomStringConvertible {
  public var description: String { "\(printable(path, limit: 300)): \(problem)" }
}

extension CheckpointProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let problem): "\(problem)"
    case .safetensors(let problem): "\(problem)"
    case .shardIndex(let problem): "\(problem)"
    case .gguf(let problem): "\(problem)"
    case .notInCache(let repository, let cache):
      "no such file or folder, and no \(quoted(repository)) in the Hugging Face cache"
        + " \(printable(cache, limit: 300))"
    case .cacheWithoutSnapshot(let repository):
      "the Hugging Face cache knows \(quoted(repository)) but holds no complete snapshot of it"
    case .revisionNotInCache(let repository, nil, let known):
      "the Hugging Face cache holds \(known.count) snapshots of \(quoted(repository)), and refs/main"
        + " names none of them; choose one: \(Self.revisions(known, of: repository))"
    case .revisionNotInCache(let repository, let revision?, let known):
      "the Hugging Face cache holds no snapshot \(quoted(revision)) of \(quoted(repository))"
        + (known.isEmpty ? "" : "; there is \(Self.revisions(known, of: repository))")
    case .webAddress:
      "nothing is fetched from the network: download the model, and name its folder or file, or"
        + " org/name where the Hugging Face cache holds it"
    case .folderWithoutModel(.cache(let example)):
      "the Hugging Face cache: name a model in it as org/name"
        + (example.map { ", such as \(printable($0))" } ?? "")
    case .folderWithoutModel(let contents):
      "no model in this folder\(contents): expected model.safetensors,"
        + " model.safetensors.index.json or a .gguf file"
    case .severalModels(let names):
      "several models in this folder, name one of them: "
        + names.prefix(5).map { printable($0) }.joined(separator: ", ")
        + (names.count > 5 ? ", …" : "")
    case .adapter:
      "a LoRA adapter, not a model: merge it into its base model with PEFT's merge_and_unload() and"
        + " save that"
    case .tokenizer:
      "a tokenizer, not a model: tokenize reads it; here name the model's weights or folder"
    case .configuration:
      "a configuration, not a model: name its folder, or the weights beside it"
    case .notAModel(.webPage):
      "a web page, not a model: the download went wrong, fetch the file itself"
    case .notAModel(.olderGGML):
      "\(FileSignature.olderGGML), which is not read: convert the model anew to GGUF"
    case .notAModel(let signature):
      "\(signature), not a model: expected .safetensors, .gguf, an index JSON or a folder"
    case .unknownFormat:
      "not a model file: expected .safetensors, .gguf, an index JSON or a folder"
    case .gitLFSPointer:
      "a Git LFS pointer, not the weights: fetch them with \"git lfs pull\""
    case .pickle:
      "pickle files are never read because reading them can run code; convert once with"
        + " transformers: AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW)"
    case .loneShard(let count):
      "one of \(count) shards: give the folder or the index JSON instead"
    case .shardsWithoutIndex(let count):
      "one of \(count) shards, but model.safetensors.index.json, which names them all, is missing"
    case .partMissing(let part, let count):
      "part \(part) of \(count) of a split GGUF file is missing"
    case .partUnnamed(let count):
      "one of \(count) parts of a split GGUF file, but its name does not end in"
        + " -00001-of-\(GGUFSplit.fiveDigits(count)).gguf"
    case .duplicateTensor(let tensor, let otherFile):
      "tensor \(quoted(tensor)) occurs twice"
        + (otherFile.map { ", also in \(printable($0))" } ?? "")
    case .configurationMissing:
      "not found; it must lie beside the weights"
    case .onlyPublishersLayout:
      "not found; params.json and consolidated weights are the publisher's own layout, use the"
        + " model in Hugging Face layout"
    case .configurationNotJSON(let error): "\(error)"
    case .configurationNotAnObject: "not a JSON object"
    case .quantized(let scheme, let field):
      (field.map { "\($0): " } ?? "")
        + "weights quantized with \(printable(scheme)) cannot be read; use the"
        + " original checkpoint or a GGUF file of it"
    }
  }
}

extension CheckpointProblem {
  /// At most five ways to name a snapshot.
  fileprivate static func revisions(_ names: [String], of repository: String) -> String {
    names.prefix(5).map { "\(repository)@\(printable(String($0.prefix(12))))" }
      .joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }
}

extension FileProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing: "no such file"
    case .danglingLink: "a symbolic link to a file that does not exist"
    case .notARegularFile: "not a regular file"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }
}

extension SafetensorsProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooShort(let bytes): "\(bytes) bytes are too few for a safetensors header"
    case .headerTooLong(let bytes):
      "header length \(bytes) is over 100000000; not a safetensors file?"
    case .headerPastEnd(let bytes, let remaining):
      "header length \(bytes) exceeds the \(remaining) bytes that follow"
    case .headerNotAnObject: "header: not a JSON object"
    case .headerNotJSON(let error): "header: \(error)"
    case .badMetadata(let key):
      key == "__metadata__"
        ? "__metadata__: not an object of strings" : "__metadata__: \(quoted(key)) is not a string"
    case .nameHoldsNUL(let tensor): "tensor \(quoted(tensor)): NUL in the name"
    case .tensorNotAnObject(let tensor): "tensor \(quoted(tensor)): not a JSON object"
    case .missingField(let tensor, let field): "tensor \(quoted(tensor)): \(field) is missing"
    case .dtypeNotAString(let tensor): "tensor \(quoted(tensor)): dtype is not a string"
    case .unknownDtype(let tensor, let dtype):
      "tensor \(quoted(tensor)): unknown dtype \(quoted(dtype))"
    case .shapeNotAnArray(let tensor): "tensor \(quoted(tensor)): shape is not an array"
    case .badDimension(let tensor, let axis):
      "tensor \(quoted(tensor)): shape[\(axis)] is not a non-negative integer below 2^63"
    case .rankTooHigh(let tensor, let rank):
      "tensor \(quoted(tensor)): shape has \(rank) dimensions, more than 8"
    case .offsetsNotAPair(let tensor):
      "tensor \(quoted(tensor)): data_offsets is not an array of two"
    case .badOffset(let tensor, let index):
      "tensor \(quoted(tensor)): data_offsets[\(index)] is not a non-negative integer below 2^63"
    case .endBeforeBegin(let tensor, let begin, let end):
      "tensor \(quoted(tensor)): data_offsets end \(end) lies before begin \(begin)"
    case .sizeOverflow(let tensor): "tensor \(quoted(tensor)): size overflows 63 bits"
    case .notWholeBytes(let tensor): "tensor \(quoted(tensor)): size is no whole number of bytes"
    case .wrongSize(let tensor, let declared, let needed):
      "tensor \(quoted(tensor)): data_offsets span \(declared) bytes, but dtype and shape need"
        + " \(needed)"
    case .firstOffsetNotZero(let tensor, let begin):
      "tensor \(quoted(tensor)): the first data offset is \(begin), not 0"
    case .gap(let after, let before, let bytes):
      "gap of \(bytes) bytes between tensors \(quoted(after)) and \(quoted(before))"
    case .overlap(let a, let b): "tensors \(quoted(a)) and \(quoted(b)) overlap"
    case .alias(let a, let b): "tensors \(quoted(a)) and \(quoted(b)) lie at the same place"
    case .dataPastEnd(let tensor, let end, let available):
      "tensor \(quoted(tensor)): data end at \(end), but the file holds \(available) bytes of data"
    case .trailingBytes(let count): "\(count) bytes after the last tensor"
    }
  }
}

extension ShardIndexProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notJSON(let error): "\(error)"
    case .noWeightMap: "weight_map is missing or not an object"
    case .shardNotAString(let tensor):
      "weight_map: the shard of tensor \(quoted(tensor)) is not a string"
    case .unsafeShardName(let shard): "weight_map: \(quoted(shard)) is not a plain file name"
    case .shardNotSafetensors(let shard): "weight_map: \(quoted(shard)) is not a .safetensors file"
    case .shardMissing(let shard): "shard \(quoted(shard)) is missing"
    case .tensorInTwoShards(let tensor, let a, let b):
      "tensor \(quoted(tensor)) is in two shards, \(quoted(a)) and \(quoted(b))"
    }
  }
}

extension GGUFProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let offset): "the header is cut off at byte \(offset)"
    case .badMagic: "does not begin with GGUF"
    case .bigEndian: "big-endian GGUF is not supported"
    case .unsupportedVersion(let version):
      "GGUF version \(version) is not supported: versions 2 and 3 are"
    case .tooManyTensors(let count, let remaining):
      "tensor count \(count) does not fit in the \(remaining) bytes that follow"
    case .tooManyKeys(let count, let remaining):
      "key count \(count) does not fit in the \(remaining) bytes that follow"
    case .keyEmpty(let index): "key \(index) is empty"
    case .keyTooLong(let index, let bytes): "key \(index) has \(bytes) bytes, more than 65535"
    case .keyPastEnd(let index, let bytes):
      "key \(index) of \(bytes) bytes runs past the end of the file"
    case .keyNotUTF8(let index): "key \(index) is not UTF-8"
    case .duplicateKey(let key): "key \(quoted(key)) occurs twice"
    case .unknownValueType(let key, let code): "\(printable(key)): unknown value type \(code)"
    case .valuePastEnd(let key): "\(printable(key)): the value runs past the end of the file"
    case .stringPastEnd(let key, let bytes):
      "\(printable(key)): a string of \(bytes) bytes runs past the end of the file"
    case .arrayPastEnd(let key, let count):
      "\(printable(key)): an array of \(count) elements runs past the end of the file"
    case .arraysNestedTooDeep(let key): "\(printable(key)): arrays nested deeper than 4"
    case .badBool(let key, let byte): "\(printable(key)): \(byte) is not a bool, 0 or 1"
    case .badAlignment(let value):
      "general.alignment: \(value) is not a power of two up to 1048576"
    case .tensorNamePastEnd(let index, let bytes):
      "the name of tensor \(index), of \(bytes) bytes, runs past the end of the file"
    case .tensorNameEmpty(let index): "the name of tensor \(index) is empty"
    case .tensorNameTooLong(let index, let bytes):
      "the name of tensor \(index) has \(bytes) bytes, more than 63"
    case .tensorNameNotUTF8(let index): "the name of tensor \(index) is not UTF-8"
    case .badRank(let tensor, let rank):
      "tensor \(quoted(tensor)): \(rank) dimensions, not 1 to 4"
    case .badDimension(let tensor, let axis, let value):
      "tensor \(quoted(tensor)): dimension \(axis) is \(value), not 1 to 2^63 - 1"
    case .sizeOverflow(let tensor): "tensor \(quoted(tensor)): size overflows 63 bits"
    case .rowNotWholeBlocks(let tensor, let type, let row):
      "tensor \(quoted(tensor)): rows of \(row) are no whole number of \(type.name) blocks of"
        + " \(type.elementsPerBlock)"
    case .unknownTensorType(let tensor, let code):
      "tensor \(quoted(tensor)): unknown tensor type \(code)"
    case .removedTensorType(let tensor, let name):
      "tensor \(quoted(tensor)): type \(name) was removed from the format; convert the model anew"
    case .offsetUnaligned(let tensor, let offset, let alignment):
      "tensor \(quoted(tensor)): offset \(offset) is no multiple of the alignment \(alignment)"
    case .tensorPastEnd(let tensor):
      "tensor \(quoted(tensor)): data run past the end of the file"
    case .tensorsOverlap(let a, let b): "tensors \(quoted(a)) and \(quoted(b)) overlap"
    case .wrongType(let key, let needed, let found):
      "\(printable(key)): \(found.name) found, \(needed) needed"
    case .wrongElementType(let key, let needed, let found):
      "\(printable(key)): array of \(found.name) found, \(needed) needed"
    case .wrongLength(let key, let count, let needed, let asIn):
      "\(printable(key)): \(count) elements, but \(needed) as in \(asIn) are needed"
    case .blockCountMismatch(let key, let declared, let found):
      "\(printable(key)): \(declared) blocks declared, but the tensors make \(found)"
    case .headCountZero(let key): "\(printable(key)): a head count of zero or below"
    case .headsDoNotDivide(let key, let value, let by, let divisor):
      "\(printable(key)): \(value) is no multiple of \(divisor), the value of \(printable(by))"
    case .splitField(let key, let found, let needed):
      "\(key): \(found.map(String.init) ?? "nothing") found, \(needed) needed"
    case .splitTensorCount(let declared, let found):
      "split.tensors.count: \(declared) tensors declared, but the parts hold \(found)"
    }
  }
}

/// A name from a file in quotes, on one line and of bounded length.
private func quoted(_ name: String) -> String { "\"\(printable(name))\"" }
