import ModelFiles

/// Reading `tokenizer.json`.
///
/// Every part that bears on ids is either understood or refused by its name.
enum TokenizerFile {
  /// A model, and the vocabulary that added tokens are still to join.
  typealias Model = (builder: TokenizerBuilder, model: AnySubwordModel)

  /// The kinds of model that are read, by `model.type`.
  private static let readers:
    [String: @Sendable (JSONNode, Bool) throws(TokenizerProblem) -> Model] =
      ["BPE": BytePairFile.read, "Unigram": UnigramFile.read]

  static func parts(_ root: JSONNode) throws(TokenizerProblem) -> Tokenizer.Parts {
    guard root.kind == .object else {
      throw .wrongType(field: "tokenizer.json", expected: "object")
    }
    let node = try object(root, "model", in: "")
    // Files older than the field's `type` are byte-pair encoding where they have merges.
    let type = try optionalString(node, "type", in: "model") ?? "BPE"
    guard let read = readers[type] else { throw .unsupported(part: "model", value: type) }
    let (pretokenizer, isByteLevel) = try pretokenizer(root)
    var (builder, model) = try read(node, isByteLevel)
    try addTokens(root, to: &builder)
    var parts = Tokenizer.Parts(
      vocabulary: builder.vocabulary, model: model, pretokenizer: pretokenizer)
    parts.addedTokens = builder.addedTokens
    parts.normalizer = try normalizer(root["normalizer"])
    try checkNormalized(parts.addedTokens, by: parts.normalizer)
    parts.decoder = try decoder(root["decoder"])
    (parts.specialPrefix, parts.specialSuffix) = try surroundings(root["post_processor"])
    return parts
  }

  private static func addTokens(
    _ root: JSONNode, to builder: inout TokenizerBuilder
  ) throws(TokenizerProblem) {
    guard let list = root["added_tokens"], !list.isNull else { return }
    guard list.kind == .array else { throw .wrongType(field: "added_tokens", expected: "array") }
    for token in list.elements {
      guard let content = token["content"]?.utf8 else {
        throw .wrongType(field: "added_tokens[].content", expected: "string")
      }
      let name = "added_tokens[]"
      try builder.addToken(
        AddedToken(
          content: content, id: 0, isNormalized: try flag(token, "normalized", in: name),
          isSpecial: try flag(token, "special", in: name),
          isSingleWord: try flag(token, "single_word", in: name),
          stripsLeft: try flag(token, "lstrip", in: name),
          stripsRight: try flag(token, "rstrip", in: name)))
    }
  }

  /// The reference finds a token of which normalization leaves nothing between any two characters.
  private static func checkNormalized(
    _ tokens: [AddedToken], by normalizer: TextNormalizer
  ) throws(TokenizerProblem) {
    for token in tokens where token.isNormalized && normalizer.normalized(token.content).isEmpty {
      throw .unsupported(
        part: "added token of which the normalizer leaves nothing,",
        value: String(decoding: token.content, as: UTF8.self))
    }
  }

  // MARK: Fields

  /// The parts of a `Sequence`.
  static func sequence(
    _ node: JSONNode, _ field: String, of part: String
  ) throws(TokenizerProblem) -> [JSONNode] {
    guard let parts = node[field] else { throw .missingField("\(part).\(field)") }
    guard parts.kind == .array else {
      throw .wrongType(field: "\(part).\(field)", expected: "array")
    }
    try PipelineLimits.check(parts.elements.count, of: "\(part).\(field)")
    return parts.elements
  }

  static func type(
    of node: JSONNode, _ part: String
  ) throws(TokenizerProblem) -> String {
    guard let type = node["type"]?.string else {
      throw .wrongType(field: "\(part).type", expected: "string")
    }
    return type
  }

  static func object(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> JSONNode {
    guard let value = node[field] else { throw .missingField(path + field) }
    guard value.kind == .object else { throw .wrongType(field: path + field, expected: "object") }
    return value
  }

  static func optionalString(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> String? {
    guard let value = node[field], !value.isNull else { return nil }
    guard let text = value.string else {
      throw .wrongType(field: "\(path).\(field)", expected: "string")
    }
    return text
  }

  static func flag(
    _ node: JSONNode, _ field: String, in path: String, default fallback: Bool = false
  ) throws(TokenizerProblem) -> Bool {
    guard let value = node[field], !value.isNull else { return fallback }
    guard let flag = value.bool else {
      throw .wrongType(field: "\(path).\(field)", expected: "true or false")
    }
    return flag
  }
}
