/// Reading `tokenizer.json`.
///
/// Every part that bears on ids is either understood or refused by its name.
enum TokenizerFile {
  static func parts(_ root: JSONNode) throws(TokenizerProblem) -> Tokenizer.Parts {
    guard root.kind == .object else {
      throw .wrongType(field: "tokenizer.json", expected: "object")
    }
    let model = try object(root, "model", in: "")
    // Files older than the field's `type` are byte-pair encoding where they have merges.
    let type = try optionalString(model, "type", in: "model") ?? "BPE"
    guard type == "BPE" else { throw .unsupported(part: "model", value: type) }
    let pretokenizer = try pretokenizer(root)
    var builder = try builder(model)
    try addTokens(root, to: &builder)
    let unknown = try unknown(model, builder)
    let bytePairs = builder.model(
      unknown: unknown, fusesUnknown: try flag(model, "fuse_unk", in: "model"),
      ignoresMerges: try flag(model, "ignore_merges", in: "model"))
    if try flag(model, "byte_fallback", in: "model"), let byte = bytePairs.firstMissingByte {
      throw .missingByte(byte)
    }
    for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = try optionalString(model, field, in: "model"), !value.isEmpty {
        throw .unsupported(part: "model.\(field)", value: value)
      }
    }
    if let dropout = model["dropout"], !dropout.isNull, dropout.double != 0 {
      throw .unsupported(part: "model.dropout", value: "other than 0")
    }
    var parts = Tokenizer.Parts(
      vocabulary: builder.vocabulary, model: bytePairs, pretokenizer: pretokenizer)
    parts.addedTokens = builder.addedTokens
    parts.composes = try composes(root["normalizer"])
    parts.joinsWithSpaces = try joinsWithSpaces(root["decoder"])
    (parts.specialPrefix, parts.specialSuffix) = try surroundings(root["post_processor"])
    return parts
  }

  // MARK: Vocabulary

  private static func builder(_ model: JSONNode) throws(TokenizerProblem) -> TokenizerBuilder {
    let vocabulary = try object(model, "vocab", in: "model.")
    guard let merges = model["merges"], merges.kind == .array else {
      throw .wrongType(field: "model.merges", expected: "array")
    }
    var builder = TokenizerBuilder(
      expectedPieces: vocabulary.count, expectedMerges: merges.count)
    var problem: TokenizerProblem?
    vocabulary.forEachMember { spelling, value in
      guard problem == nil else { return }
      do throws(TokenizerProblem) {
        guard let id = value.int else {
          throw .wrongType(field: "model.vocab", expected: "pieces with integer ids")
        }
        try builder.addPiece(spelling, id: id)
      } catch { problem = error }
    }
    if let problem { throw problem }
    guard builder.vocabulary.count > 0 else { throw .emptyVocabulary }
    var index = 0
    merges.forEachElement { merge in
      guard problem == nil else { return }
      do throws(TokenizerProblem) {
        try add(merge, index: index, to: &builder)
      } catch { problem = error }
      index += 1
    }
    if let problem { throw problem }
    return builder
  }

  private static func add(
    _ merge: JSONNode, index: Int, to builder: inout TokenizerBuilder
  ) throws(TokenizerProblem) {
    if merge.kind == .string {
      let added = merge.withUTF8 { joined in
        Result { () throws(TokenizerProblem) in
          guard joined.count(where: { $0 == 0x20 }) == 1 else {
            throw .malformedMerge(index: index)
          }
          try builder.addMerge(joined: joined, searchingFrom: 0)
        }
      }
      try added?.get()
      return
    }
    var parts: [[UInt8]] = []
    merge.forEachElement { part in
      if parts.count <= 2, let bytes = part.utf8 { parts.append(bytes) }
    }
    guard merge.kind == .array, merge.count == 2, parts.count == 2 else {
      throw .malformedMerge(index: index)
    }
    let added = parts[0].withUnsafeBufferPointer { left in
      parts[1].withUnsafeBufferPointer { right in
        Result { () throws(TokenizerProblem) in try builder.addMerge(left, right) }
      }
    }
    try added.get()
  }

  private static func unknown(
    _ model: JSONNode, _ builder: TokenizerBuilder
  ) throws(TokenizerProblem) -> Int? {
    guard let spelling = try optionalString(model, "unk_token", in: "model") else { return nil }
    guard let id = builder.vocabulary.id(spelled: Array(spelling.utf8)) else {
      throw .unknownUnkToken(spelling)
    }
    return id
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

  // MARK: Pipeline

  private static func composes(_ normalizer: JSONNode?) throws(TokenizerProblem) -> Bool {
    guard let normalizer, !normalizer.isNull else { return false }
    switch try type(of: normalizer, "normalizer") {
    case "NFC": return true
    case "Sequence":
      var composes = false
      for part in normalizer["normalizers"]?.elements ?? [] {
        if try Self.composes(part) { composes = true }
      }
      return composes
    case let other: throw .unsupported(part: "normalizer", value: other)
    }
  }

  private static func pretokenizer(_ root: JSONNode) throws(TokenizerProblem) -> Pretokenizer {
    var steps: [Pretokenizer.Step] = []
    var isByteLevel = false
    if let node = root["pre_tokenizer"], !node.isNull {
      try append(node, to: &steps, isByteLevel: &isByteLevel)
    }
    guard isByteLevel else {
      throw .unsupported(part: "pre_tokenizer", value: "without ByteLevel")
    }
    return Pretokenizer(steps: steps)
  }

  private static func append(
    _ node: JSONNode, to steps: inout [Pretokenizer.Step], isByteLevel: inout Bool
  ) throws(TokenizerProblem) {
    let type = try type(of: node, "pre_tokenizer")
    // Behind ByteLevel text is in the byte-level alphabet, where no step means what it says.
    if isByteLevel { throw .unsupported(part: "pre_tokenizer behind ByteLevel", value: type) }
    switch type {
    case "Sequence":
      for part in node["pretokenizers"]?.elements ?? [] {
        try append(part, to: &steps, isByteLevel: &isByteLevel)
      }
    case "ByteLevel":
      if try flag(node, "add_prefix_space", in: type, default: true) { steps.append(.prefixSpace) }
      if try flag(node, "use_regex", in: type, default: true) {
        steps.append(.split(.gpt2, keepsRest: true))
      }
      isByteLevel = true
    case "Digits":
      steps.append(.digits(individual: try flag(node, "individual_digits", in: type)))
    case "Split": steps.append(try split(node))
    default: throw .unsupported(part: "pre_tokenizer", value: type)
    }
  }

  private static func split(_ node: JSONNode) throws(TokenizerProblem) -> Pretokenizer.Step {
    guard let regex = node["pattern"]?["Regex"]?.string else {
      let literal = node["pattern"]?["String"]?.string ?? ""
      throw .unsupportedPattern(literal)
    }
    guard let pattern = SplitPattern(regex: regex) else { throw .unsupportedPattern(regex) }
    let behavior = try optionalString(node, "behavior", in: "Split") ?? ""
    let inverted = try flag(node, "invert", in: "Split")
    // Isolated keeps matches and the rest apart either way round.
    if behavior == "Isolated" { return .split(pattern, keepsRest: true) }
    if behavior == "Removed", inverted { return .split(pattern, keepsRest: false) }
    throw .unsupported(part: "Split behavior", value: behavior + (inverted ? ", inverted" : ""))
  }

  private static func joinsWithSpaces(_ decoder: JSONNode?) throws(TokenizerProblem) -> Bool {
    guard let decoder, !decoder.isNull else { return true }
    let type = try type(of: decoder, "decoder")
    if type == "ByteLevel" { return false }
    if type == "Sequence", let parts = decoder["decoders"]?.elements, parts.count == 1 {
      return try joinsWithSpaces(parts[0])
    }
    throw .unsupported(part: "decoder", value: type)
  }

  /// The ids that the post-processor puts before and behind a single text.
  private static func surroundings(
    _ node: JSONNode?
  ) throws(TokenizerProblem) -> (prefix: [Int32], suffix: [Int32]) {
    guard let node, !node.isNull else { return ([], []) }
    let type = try type(of: node, "post_processor")
    switch type {
    case "ByteLevel": return ([], [])
    case "Sequence":
      var around: (prefix: [Int32], suffix: [Int32]) = ([], [])
      for part in node["processors"]?.elements ?? [] {
        let inner = try surroundings(part)
        around = (inner.prefix + around.prefix, around.suffix + inner.suffix)
      }
      return around
    case "TemplateProcessing": return try template(node)
    case "RobertaProcessing", "BertProcessing":
      return (
        [try tokenID(node["cls"]?.elements.last?.int, "cls")],
        [try tokenID(node["sep"]?.elements.last?.int, "sep")]
      )
    default: throw .unsupported(part: "post_processor", value: type)
    }
  }

  private static func template(
    _ node: JSONNode
  ) throws(TokenizerProblem) -> (prefix: [Int32], suffix: [Int32]) {
    var around: (prefix: [Int32], suffix: [Int32]) = ([], [])
    var behindText = false
    for part in node["single"]?.elements ?? [] {
      if part["Sequence"] != nil {
        behindText = true
        continue
      }
      guard let name = part["SpecialToken"]?["id"]?.string,
        let ids = node["special_tokens"]?[name]?["ids"]
      else { throw .missingField("post_processor.special_tokens") }
      for element in ids.elements {
        let id = try tokenID(element.int, name)
        if behindText { around.suffix.append(id) } else { around.prefix.append(id) }
      }
    }
    guard behindText else { throw .missingField("post_processor.single[].Sequence") }
    return around
  }

  private static func tokenID(_ id: Int?, _ name: String) throws(TokenizerProblem) -> Int32 {
    guard let id else { throw .wrongType(field: "post_processor \(name)", expected: "integer id") }
    guard id >= 0, id < PieceTable.idLimit else {
      throw .specialIDOutOfRange(field: "post_processor \(name)", id: id)
    }
    return Int32(truncatingIfNeeded: id)
  }

  // MARK: Fields

  private static func type(
    of node: JSONNode, _ part: String
  ) throws(TokenizerProblem) -> String {
    guard let type = node["type"]?.string else {
      throw .wrongType(field: "\(part).type", expected: "string")
    }
    return type
  }

  private static func object(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> JSONNode {
    guard let value = node[field] else { throw .missingField(path + field) }
    guard value.kind == .object else { throw .wrongType(field: path + field, expected: "object") }
    return value
  }

  private static func optionalString(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> String? {
    guard let value = node[field], !value.isNull else { return nil }
    guard let text = value.string else {
      throw .wrongType(field: "\(path).\(field)", expected: "string")
    }
    return text
  }

  private static func flag(
    _ node: JSONNode, _ field: String, in path: String, default fallback: Bool = false
  ) throws(TokenizerProblem) -> Bool {
    guard let value = node[field], !value.isNull else { return fallback }
    guard let flag = value.bool else {
      throw .wrongType(field: "\(path).\(field)", expected: "true or false")
    }
    return flag
  }
}
