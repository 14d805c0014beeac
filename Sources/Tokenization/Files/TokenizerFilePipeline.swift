import ModelFiles

// What a `tokenizer.json` does to text before and after its model.

extension TokenizerFile {
  // MARK: Normalizer

  static func normalizer(_ node: JSONNode?) throws(TokenizerProblem) -> TextNormalizer {
    let steps = try normalizerSteps(node)
    try PipelineLimits.check(steps.count, of: "normalizer")
    try PipelineLimits.check(growth: steps.map(\.growth), of: "normalizer")
    return TextNormalizer(steps)
  }

  private static func normalizerSteps(
    _ node: JSONNode?
  ) throws(TokenizerProblem) -> [TextNormalizer.Step] {
    guard let node, !node.isNull else { return [] }
    let type = try type(of: node, "normalizer")
    switch type {
    case "Sequence":
      var steps: [TextNormalizer.Step] = []
      for part in try sequence(node, "normalizers", of: "normalizer") {
        steps += try normalizerSteps(part)
      }
      return steps
    case "NFC": return [.compose]
    case "Prepend": return [.prepend(try text(node, "prepend", in: type))]
    case "Replace":
      let content = try text(node, "content", in: type)
      if let literal = node["pattern"]?["String"]?.utf8, !literal.isEmpty {
        return [.replace(literal, with: content)]
      }
      let regex = node["pattern"]?["Regex"]?.string ?? ""
      // What converters of SentencePiece files write.
      guard regex == " {2,}" else { throw .unsupportedPattern(regex) }
      return [.replaceSpaceRuns(with: content)]
    case "Strip":
      return [
        .strip(
          left: try flag(node, "strip_left", in: type),
          right: try flag(node, "strip_right", in: type))
      ]
    case "Precompiled":
      guard let map = node["precompiled_charsmap"], !map.isNull else { return [] }
      guard let encoded = map.utf8 else { throw .malformedCharacterMap }
      return encoded.isEmpty ? [] : [.characterMap(try CharacterMap(base64: encoded))]
    default: throw .unsupported(part: "normalizer", value: type)
    }
  }

  private static func text(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> [UInt8] {
    guard let text = node[field]?.utf8 else {
      throw .wrongType(field: "\(path).\(field)", expected: "string")
    }
    return text
  }

  // MARK: Pre-tokenizer

  /// How text is split, and whether its bytes are then put in the byte-level alphabet.
  static func pretokenizer(
    _ root: JSONNode
  ) throws(TokenizerProblem) -> (pretokenizer: Pretokenizer, isByteLevel: Bool) {
    var steps: [Pretokenizer.Step] = []
    var isByteLevel = false
    if let node = root["pre_tokenizer"], !node.isNull {
      try append(node, to: &steps, isByteLevel: &isByteLevel)
    }
    try PipelineLimits.check(steps.count, of: "pre_tokenizer")
    return (Pretokenizer(steps: steps), isByteLevel)
  }

  private static func append(
    _ node: JSONNode, to steps: inout [Pretokenizer.Step], isByteLevel: inout Bool
  ) throws(TokenizerProblem) {
    let type = try type(of: node, "pre_tokenizer")
    // Behind ByteLevel text is in the byte-level alphabet, where no step means what it says.
    if isByteLevel { throw .unsupported(part: "pre_tokenizer behind ByteLevel", value: type) }
    switch type {
    case "Sequence":
      for part in try sequence(node, "pretokenizers", of: "pre_tokenizer") {
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
    case "WhitespaceSplit": steps.append(.whitespace)
    case "Metaspace":
      let metaspace = try metaspace(node)
      // Behind a split several words can stand for the first character of the text.
      if metaspace.prepends == .first, !steps.isEmpty {
        throw .unsupported(part: "Metaspace.prepend_scheme behind a split", value: "first")
      }
      steps.append(.metaspace(metaspace))
    default: throw .unsupported(part: "pre_tokenizer", value: type)
    }
  }

  private static func split(_ node: JSONNode) throws(TokenizerProblem) -> Pretokenizer.Step {
    let behavior = try optionalString(node, "behavior", in: "Split") ?? ""
    let inverted = try flag(node, "invert", in: "Split")
    if let literal = node["pattern"]?["String"]?.utf8, !literal.isEmpty {
      if !inverted, let known = Pretokenizer.LiteralBehavior(rawValue: behavior) {
        return .literal(literal, known)
      }
      throw .unsupported(part: "Split behavior", value: behavior + (inverted ? ", inverted" : ""))
    }
    let regex = node["pattern"]?["Regex"]?.string ?? ""
    // Isolated keeps matches and the rest apart either way round.
    let keepsRest = behavior == "Isolated"
    let step: Pretokenizer.Step? =
      if let pattern = SplitPattern(regex: regex) {
        .split(pattern, keepsRest: keepsRest)
      } else if let run = ClassRun(regex: regex) {
        .runs(run, keepsRest: keepsRest)
      } else {
        nil
      }
    guard let step else { throw .unsupportedPattern(regex) }
    guard keepsRest || behavior == "Removed" && inverted else {
      throw .unsupported(part: "Split behavior", value: behavior + (inverted ? ", inverted" : ""))
    }
    return step
  }

  private static func metaspace(
    _ node: JSONNode
  ) throws(TokenizerProblem) -> Pretokenizer.Metaspace {
    var metaspace = Pretokenizer.Metaspace()
    metaspace.mark = try character(node, "replacement", in: "Metaspace")
    (metaspace.prepends, metaspace.splits) = (
      try prependScheme(node), try flag(node, "split", in: "Metaspace", default: true)
    )
    return metaspace
  }

  /// Older files have `add_prefix_space` alone.
  private static func prependScheme(
    _ node: JSONNode
  ) throws(TokenizerProblem) -> Pretokenizer.Metaspace.Scheme {
    guard try flag(node, "add_prefix_space", in: "Metaspace", default: true) else { return .never }
    let name = try optionalString(node, "prepend_scheme", in: "Metaspace") ?? "always"
    guard let scheme = Pretokenizer.Metaspace.Scheme(rawValue: name) else {
      throw .unsupported(part: "Metaspace.prepend_scheme", value: name)
    }
    return scheme
  }

  private static func character(
    _ node: JSONNode, _ field: String, in path: String
  ) throws(TokenizerProblem) -> [UInt8] {
    let text = try text(node, field, in: path)
    let scalars = text.count { !UTF8Scan.isContinuation($0) }
    guard scalars == 1 else {
      throw .wrongType(field: "\(path).\(field)", expected: "one character")
    }
    return text
  }

  // MARK: Decoder

  static func decoder(_ node: JSONNode?) throws(TokenizerProblem) -> TokenDecoder {
    guard let node, !node.isNull else { return .joinedWithSpaces }
    let type = try type(of: node, "decoder")
    if type == "ByteLevel" { return .byteLevel }
    if type == "Sequence", let parts = node["decoders"]?.elements, parts.count == 1 {
      return try decoder(parts[0])
    }
    let steps = try decoderSteps(node)
    try PipelineLimits.check(steps.count, of: "decoder")
    try PipelineLimits.check(growth: steps.map(\.growth), of: "decoder")
    return .steps(steps)
  }

  private static func decoderSteps(
    _ node: JSONNode
  ) throws(TokenizerProblem) -> [TokenDecoder.Step] {
    let type = try type(of: node, "decoder")
    switch type {
    case "Sequence":
      var steps: [TokenDecoder.Step] = []
      for part in try sequence(node, "decoders", of: "decoder") { steps += try decoderSteps(part) }
      return steps
    case "Replace":
      guard let old = node["pattern"]?["String"]?.utf8, !old.isEmpty else {
        throw .unsupportedPattern(node["pattern"]?["Regex"]?.string ?? "")
      }
      return [.replace(old, with: try text(node, "content", in: type))]
    case "ByteFallback": return [.byteFallback]
    case "Fuse": return [.fuse]
    case "Strip":
      guard let start = node["start"]?.int, let stop = node["stop"]?.int, start >= 0, stop >= 0
      else { throw .wrongType(field: "Strip.start and stop", expected: "counts") }
      return [.strip(try character(node, "content", in: type), start: start, stop: stop)]
    case "Metaspace":
      return [
        .metaspace(
          mark: try character(node, "replacement", in: type),
          dropsFirst: try prependScheme(node) != .never)
      ]
    default: throw .unsupported(part: "decoder", value: type)
    }
  }

  // MARK: Post-processor

  /// The ids that the post-processor puts before and behind a single text.
  static func surroundings(
    _ node: JSONNode?
  ) throws(TokenizerProblem) -> (prefix: [Int32], suffix: [Int32]) {
    guard let node, !node.isNull else { return ([], []) }
    let type = try type(of: node, "post_processor")
    switch type {
    case "ByteLevel": return ([], [])
    case "Sequence":
      var around: (prefix: [Int32], suffix: [Int32]) = ([], [])
      for part in try sequence(node, "processors", of: "post_processor") {
        let inner = try surroundings(part)
        around = (inner.prefix + around.prefix, around.suffix + inner.suffix)
        try PipelineLimits.check(around.prefix.count + around.suffix.count, of: "post_processor")
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
    for part in try sequence(node, "single", of: "post_processor") {
      if let text = part["Sequence"] {
        guard !behindText, text["id"]?.string == "A" else {
          throw .unsupported(part: "post_processor.single", value: "other than one $A")
        }
        behindText = true
        continue
      }
      guard let name = part["SpecialToken"]?["id"]?.string,
        let ids = node["special_tokens"]?[name]?["ids"]
      else { throw .missingField("post_processor.special_tokens") }
      try PipelineLimits.check(ids.elements.count, of: "post_processor.special_tokens[].ids")
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
}
