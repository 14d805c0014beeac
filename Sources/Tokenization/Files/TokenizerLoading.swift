import ModelFiles

extension Tokenizer {
  /// The tokenizer that lies in a model's folder: `tokenizer.json`, else `vocab.json` with
  /// `merges.txt`, else `tokenizer.model`; `tokenizer_config.json` names the BOS and EOS tokens.
  public static func load(directory: String) throws(TokenizerError) -> Tokenizer {
    let folder = FilePath(directory)
    switch files(inFolder: directory) {
    case ["tokenizer.json"]:
      return try load(tokenizerJSON: (folder / "tokenizer.json").description)
    case ["vocab.json", "merges.txt"]:
      return try load(vocabulary: folder / "vocab.json", merges: folder / "merges.txt")
    case ["tokenizer.model"]:
      return try load(sentencePiece: (folder / "tokenizer.model").description)
    default:
      let hasTekken = (folder / "tekken.json").kind != .missing
      throw TokenizerError(path: directory, problem: hasTekken ? .onlyTekken : .notFound)
    }
  }

  /// The names of the files that the tokenizer in a folder is read from; none where there is none.
  public static func files(inFolder directory: String) -> [String] {
    let folder = FilePath(directory)
    return [["tokenizer.json"], ["vocab.json", "merges.txt"], ["tokenizer.model"]]
      .first { $0.allSatisfy { (folder / $0).kind != .missing } } ?? []
  }

  /// The tokenizer of one `tokenizer.json`, with the BOS and EOS that a `tokenizer_config.json`
  /// beside it names.
  public static func load(tokenizerJSON path: String) throws(TokenizerError) -> Tokenizer {
    let document = try document(path)
    var parts = try at(path) { () throws(TokenizerProblem) in
      try TokenizerFile.parts(document.root)
    }
    try nameEnds(of: &parts, from: FilePath(path).parent / "tokenizer_config.json")
    return Tokenizer(parts)
  }

  /// The tokenizer of a SentencePiece model.
  ///
  /// A `tokenizer_config.json` beside it names BOS and EOS and says whether they are put around a
  /// text; without it byte-pair models, which are those of decoders, put a BOS.
  public static func load(sentencePiece path: String) throws(TokenizerError) -> Tokenizer {
    let bytes = try bytes(path)
    let file = FilePath(path).parent / "tokenizer_config.json"
    let configuration = file.kind == .missing ? nil : try document(file.description).root
    let added = try declaredTokens(configuration, in: FilePath(path).parent)
    var parts = try at(path) { () throws(TokenizerProblem) in
      let read = bytes.withUnsafeBytes { bytes in
        Result { () throws(TokenizerProblem) in try SentencePieceFile.vocabulary(bytes) }
      }
      var vocabulary = try read.get()
      vocabulary.addsBOS = configuration?["add_bos_token"]?.bool ?? !vocabulary.isUnigram
      vocabulary.addsEOS = configuration?["add_eos_token"]?.bool ?? false
      return try vocabulary.parts(added: added)
    }
    try nameEnds(of: &parts, from: file)
    return Tokenizer(parts)
  }

  private static func nameEnds(of parts: inout Parts, from file: FilePath) throws(TokenizerError) {
    guard file.kind != .missing else { return }
    let root = try document(file.description).root
    func id(_ field: String, _ parts: Parts) -> Int32? {
      guard let node = root[field], let spelling = node.utf8 ?? node["content"]?.utf8 else {
        return nil
      }
      return parts.addedTokens.first { $0.content == spelling }?.id
        ?? parts.vocabulary.id(spelled: spelling).map(Int32.init(truncatingIfNeeded:))
    }
    parts.bosID = id("bos_token", parts) ?? parts.bosID
    parts.eosID = id("eos_token", parts) ?? parts.eosID
  }

  /// GPT-2's older pair of files; other tokenizers that used it are told by their configuration.
  private static func load(
    vocabulary: FilePath, merges: FilePath
  ) throws(TokenizerError) -> Tokenizer {
    let configuration = vocabulary.parent / "tokenizer_config.json"
    var root: JSONNode?
    if configuration.kind != .missing { root = try document(configuration.description).root }
    let name = root?["tokenizer_class"]?.string ?? "GPT2Tokenizer"
    let known: [String: GGUFPretokenizer] = [
      "GPT2Tokenizer": .gpt2, "GPT2TokenizerFast": .gpt2, "Qwen2Tokenizer": .qwen2,
      "Qwen2TokenizerFast": .qwen2,
    ]
    guard let family = known[name] else {
      throw TokenizerError(
        path: configuration.description,
        problem: .unsupported(part: "tokenizer_class without tokenizer.json", value: name))
    }
    if root?["add_prefix_space"]?.bool == true {
      throw TokenizerError(
        path: configuration.description,
        problem: .unsupported(part: "add_prefix_space without tokenizer.json", value: "true"))
    }
    let added = try declaredTokens(root, in: vocabulary.parent)
    let pieces = try document(vocabulary.description).root
    let lines = try bytes(merges.description)
    var parts = try at(vocabulary.description) { () throws(TokenizerProblem) in
      try MergesFile.parts(vocabulary: pieces, merges: lines, added: added, family: family)
    }
    try nameEnds(of: &parts, from: configuration)
    return Tokenizer(parts)
  }

  private static func declaredTokens(
    _ configuration: JSONNode?, in folder: FilePath
  ) throws(TokenizerError) -> DeclaredTokens {
    let list = folder / "added_tokens.json"
    let root = list.kind == .missing ? nil : try document(list.description).root
    let hasDecoder = configuration?["added_tokens_decoder"]?.isNull == false
    let path = hasDecoder ? folder / "tokenizer_config.json" : list
    return try at(path.description) { () throws(TokenizerProblem) in
      try DeclaredTokens(configuration: configuration, list: root)
    }
  }

  private static func document(_ path: String) throws(TokenizerError) -> JSONDocument {
    let bytes = try bytes(path)
    do {
      return try JSONDocument(parsing: bytes)
    } catch {
      throw TokenizerError(path: path, problem: .json(error))
    }
  }

  private static func bytes(_ path: String) throws(TokenizerError) -> [UInt8] {
    let file: MappedFile
    do {
      file = try MappedFile(path)
    } catch {
      throw TokenizerError(path: path, problem: .file(error))
    }
    guard !file.isGitLFSPointer else {
      throw TokenizerError(path: path, problem: .gitLFSPointer)
    }
    return file.withBytes { [UInt8]($0) }
  }

  static func at<Result>(
    _ path: String, _ body: () throws(TokenizerProblem) -> Result
  ) throws(TokenizerError) -> Result {
    do {
      return try body()
    } catch {
      throw TokenizerError(path: path, problem: error)
    }
  }
}
