import ModelFiles

extension ScoredVocabulary {
  /// The vocabulary of a GGUF file of model `llama`.
  init(_ metadata: GGUFMetadata) throws(TokenizerProblem) {
    guard let pieces = metadata.strings("tokenizer.ggml.tokens") else {
      throw .missingField("tokenizer.ggml.tokens, an array of strings,")
    }
    guard let scores = metadata.floats("tokenizer.ggml.scores") else {
      throw .missingField("tokenizer.ggml.scores, an array of floats,")
    }
    guard let types = metadata.integers("tokenizer.ggml.token_type") else {
      throw .missingField("tokenizer.ggml.token_type, an array of integers,")
    }
    for (field, count) in [("scores", scores.count), ("token_type", types.count)]
    where count != pieces.count {
      throw .countMismatch(
        field: "tokenizer.ggml.\(field)", count: count, expected: pieces.count)
    }
    var kinds: [Kind] = []
    for type in types {
      guard let kind = Kind(rawValue: type) else {
        throw .unsupported(part: "tokenizer.ggml.token_type", value: "\(type)")
      }
      kinds.append(kind)
    }
    self.init(
      pieces: pieces.indices.map { pieces.bytes(at: $0) }, scores: scores.map { Float($0) },
      kinds: kinds)
    normalizer.addsPrefix = metadata.bool("tokenizer.ggml.add_space_prefix") ?? true
    unknownID = metadata.tokenID("unknown_token_id")
    bosID = metadata.tokenID("bos_token_id")
    eosID = metadata.tokenID("eos_token_id")
    addsBOS = metadata.bool("tokenizer.ggml.add_bos_token") ?? true
    addsEOS = metadata.bool("tokenizer.ggml.add_eos_token") ?? false
  }
}
