import ModelFiles

/// Reading `vocab.json` with `merges.txt`, the older pair of files.
enum MergesFile {
  static func parts(
    vocabulary root: JSONNode, merges lines: [UInt8], added: DeclaredTokens,
    family: GGUFPretokenizer
  ) throws(TokenizerProblem) -> Tokenizer.Parts {
    guard root.kind == .object else { throw .wrongType(field: "vocab.json", expected: "object") }
    var builder = TokenizerBuilder(
      expectedPieces: root.count, expectedMerges: lines.count(where: { $0 == 0x0A }))
    var problem: TokenizerProblem?
    root.forEachMember { spelling, value in
      guard problem == nil else { return }
      do throws(TokenizerProblem) {
        guard let id = value.int else {
          throw .wrongType(field: "vocab.json", expected: "pieces with integer ids")
        }
        try builder.addPiece(spelling, id: id)
      } catch { problem = error }
    }
    if let problem { throw problem }
    guard builder.vocabulary.count > 0 else { throw .emptyVocabulary }
    let merged = lines.withUnsafeBufferPointer { lines in
      Result { () throws(TokenizerProblem) in try add(lines, to: &builder) }
    }
    try merged.get()
    try added.add(to: &builder)
    // In the oldest folders the end-of-text token stands in no list: it is an entry like the
    // others.
    for spelling in ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] {
      let content = Array(spelling.utf8)
      if builder.vocabulary.id(spelled: content) != nil {
        try builder.addToken(AddedToken(content: content, id: 0, isSpecial: true))
      }
    }
    var parts = Tokenizer.Parts(
      vocabulary: builder.vocabulary, model: .byteLevel(builder.model()),
      pretokenizer: family.pretokenizer)
    parts.addedTokens = builder.addedTokens
    if family.composes { parts.normalizer = TextNormalizer([.compose]) }
    return parts
  }

  private static func add(
    _ lines: UnsafeBufferPointer<UInt8>, to builder: inout TokenizerBuilder
  ) throws(TokenizerProblem) {
    for slice in lines.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let line = UnsafeBufferPointer(rebasing: slice)
      if line.starts(with: "#version".utf8) { continue }
      guard UTF8Scan.firstIllFormed(line) == nil else {
        throw .wrongType(field: "merges.txt", expected: "UTF-8")
      }
      try builder.addMerge(joined: line, searchingFrom: 0)
    }
    try builder.finishMerges()
  }
}
