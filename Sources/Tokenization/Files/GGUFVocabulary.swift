import ModelFiles

/// The vocabulary of a GGUF file of model `gpt2`: byte-level pieces and merges.
struct GGUFVocabulary: Sendable {
  /// By id, as the file spells them.
  var pieces: [[UInt8]]
  /// Two pieces with a space between them.
  var merges: [[UInt8]]
  /// One a piece: 3 control, 4 user-defined; empty where the file has none.
  var tokenTypes: [Int] = []
  /// The name of the pre-tokenizer.
  var pre: String
  var bosID: Int?
  var eosID: Int?
  /// `nil` where the file leaves it to the pre-tokenizer's habit.
  var addsBOS: Bool?
  var addsEOS = false

  private static let control = 3
  private static let userDefined = 4

  func parts() throws(TokenizerProblem) -> Tokenizer.Parts {
    guard !pieces.isEmpty else { throw .emptyVocabulary }
    guard tokenTypes.isEmpty || tokenTypes.count == pieces.count else {
      throw .countMismatch(
        field: "tokenizer.ggml.token_type", count: tokenTypes.count, expected: pieces.count)
    }
    let family = try GGUFPretokenizer(named: pre)
    var builder = TokenizerBuilder(expectedPieces: pieces.count, expectedMerges: merges.count)
    for (id, piece) in pieces.enumerated() {
      try with(piece, "tokenizer.ggml.tokens") { bytes throws(TokenizerProblem) in
        try builder.addPiece(bytes, id: id)
      }
    }
    for merge in merges {
      try with(merge, "tokenizer.ggml.merges") { bytes throws(TokenizerProblem) in
        try builder.addMerge(joined: bytes, searchingFrom: 1)
      }
    }
    try builder.finishMerges()
    for (id, type) in tokenTypes.enumerated()
    where type == Self.control || type == Self.userDefined {
      try builder.addToken(
        AddedToken(content: pieces[id], id: 0, isSpecial: type == Self.control))
    }
    var parts = Tokenizer.Parts(
      vocabulary: builder.vocabulary,
      model: .byteLevel(builder.model(ignoresMerges: family.ignoresMerges)),
      pretokenizer: family.pretokenizer)
    parts.addedTokens = builder.addedTokens
    if family.composes { parts.normalizer = TextNormalizer([.compose]) }
    parts.bosID = try checked(bosID, "tokenizer.ggml.bos_token_id")
    parts.eosID = try checked(eosID, "tokenizer.ggml.eos_token_id")
    if addsBOS ?? family.addsBOS, let bos = parts.bosID { parts.specialPrefix = [bos] }
    if addsEOS, let eos = parts.eosID { parts.specialSuffix = [eos] }
    return parts
  }

  private func checked(_ id: Int?, _ field: String) throws(TokenizerProblem) -> Int32? {
    guard let id else { return nil }
    guard pieces.indices.contains(id) else { throw .specialIDOutOfRange(field: field, id: id) }
    return Int32(exactly: id)
  }

  private func with(
    _ text: [UInt8], _ field: String,
    _ body: (UnsafeBufferPointer<UInt8>) throws(TokenizerProblem) -> Void
  ) throws(TokenizerProblem) {
    let done = text.withUnsafeBufferPointer { bytes in
      Result { () throws(TokenizerProblem) in
        guard UTF8Scan.firstIllFormed(bytes) == nil else {
          throw .wrongType(field: field, expected: "UTF-8")
        }
        try body(bytes)
      }
    }
    try done.get()
  }
}

extension Tokenizer {
  /// The tokenizer that a GGUF file carries.
  ///
  /// - Parameters:
  ///   - path: names the file in errors.
  ///   - pre: takes the place of the file's own `tokenizer.ggml.pre`; vocabularies of scored pieces
  ///     have none and refuse it.
  public static func load(
    gguf metadata: GGUFMetadata, path: String, pre: String? = nil
  ) throws(TokenizerError) -> Tokenizer {
    let parts = try at(path) { () throws(TokenizerProblem) in
      guard let model = metadata.string("tokenizer.ggml.model") else {
        throw .missingField("tokenizer.ggml.model")
      }
      switch model {
      case "gpt2": return try GGUFVocabulary(metadata, pre: pre).parts()
      case "llama":
        if let pre { throw .nothingToSplit(pre: pre) }
        return try ScoredVocabulary(metadata).parts()
      default: throw .unsupported(part: "tokenizer.ggml.model", value: model)
      }
    }
    return Tokenizer(parts)
  }
}

extension GGUFVocabulary {
  init(_ metadata: GGUFMetadata, pre override: String?) throws(TokenizerProblem) {
    guard let pieces = metadata.strings("tokenizer.ggml.tokens") else {
      throw .missingField("tokenizer.ggml.tokens, an array of strings,")
    }
    guard let merges = metadata.strings("tokenizer.ggml.merges") else {
      throw .missingField("tokenizer.ggml.merges, an array of strings,")
    }
    let types = metadata.integers("tokenizer.ggml.token_type")
    if types == nil, metadata.type(of: "tokenizer.ggml.token_type") != nil {
      throw .wrongType(field: "tokenizer.ggml.token_type", expected: "array of integers")
    }
    self.init(
      pieces: pieces.indices.map { pieces.bytes(at: $0) },
      merges: merges.indices.map { merges.bytes(at: $0) },
      tokenTypes: types ?? [],
      pre: override ?? metadata.string("tokenizer.ggml.pre") ?? "default",
      bosID: metadata.tokenID("bos_token_id"),
      eosID: metadata.tokenID("eos_token_id"),
      addsBOS: metadata.bool("tokenizer.ggml.add_bos_token"),
      addsEOS: metadata.bool("tokenizer.ggml.add_eos_token") ?? false)
  }
}
