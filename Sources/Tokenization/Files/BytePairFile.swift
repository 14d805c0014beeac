import ModelFiles

/// The `BPE` model of a `tokenizer.json`.
enum BytePairFile {
  static func read(
    _ model: JSONNode, isByteLevel: Bool
  ) throws(TokenizerProblem) -> TokenizerFile.Model {
    for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = try TokenizerFile.optionalString(model, field, in: "model"), !value.isEmpty {
        throw .unsupported(part: "model.\(field)", value: value)
      }
    }
    if let dropout = model["dropout"], !dropout.isNull, dropout.double != 0 {
      throw .unsupported(part: "model.dropout", value: "other than 0")
    }
    let builder = try builder(model, isByteLevel: isByteLevel)
    let unknown = try unknown(model, builder)
    let fusesUnknown = try TokenizerFile.flag(model, "fuse_unk", in: "model")
    let ignoresMerges = try TokenizerFile.flag(model, "ignore_merges", in: "model")
    let fallsBack = try TokenizerFile.flag(model, "byte_fallback", in: "model")
    guard isByteLevel else {
      let settings = CharacterPairModel.Settings(
        unknown: unknown, fusesUnknown: fusesUnknown, fallsBackToBytes: fallsBack,
        ignoresMerges: ignoresMerges)
      return (builder, .characters(builder.characterPairs(settings)))
    }
    let byteLevel = builder.model(
      unknown: unknown, fusesUnknown: fusesUnknown, ignoresMerges: ignoresMerges)
    if fallsBack, let byte = byteLevel.firstMissingByte { throw .missingByte(byte) }
    return (builder, .byteLevel(byteLevel))
  }

  private static func builder(
    _ model: JSONNode, isByteLevel: Bool
  ) throws(TokenizerProblem) -> TokenizerBuilder {
    let vocabulary = try TokenizerFile.object(model, "vocab", in: "model.")
    guard let merges = model["merges"], merges.kind == .array else {
      throw .wrongType(field: "model.merges", expected: "array")
    }
    var builder = TokenizerBuilder(
      isByteLevel: isByteLevel, expectedPieces: vocabulary.count, expectedMerges: merges.count)
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
    try builder.finishMerges()
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
    var left: JSONNode?
    var right: JSONNode?
    var count = 0
    merge.forEachElement { part in
      if count == 0 { left = part } else { right = part }
      count += 1
    }
    guard count == 2, let left, let right, right.kind == .string else {
      throw .malformedMerge(index: index)
    }
    let added = left.withUTF8 { first in
      right.withUTF8 { second in
        Result { () throws(TokenizerProblem) in try builder.addMerge(first, second) }
      }
    }
    guard case .some(.some(let added)) = added else { throw .malformedMerge(index: index) }
    try added.get()
  }

  private static func unknown(
    _ model: JSONNode, _ builder: TokenizerBuilder
  ) throws(TokenizerProblem) -> Int? {
    guard let spelling = try TokenizerFile.optionalString(model, "unk_token", in: "model") else {
      return nil
    }
    guard let id = builder.vocabulary.id(spelled: Array(spelling.utf8)) else {
      throw .unknownUnkToken(spelling)
    }
    return id
  }
}
