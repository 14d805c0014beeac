import ModelFiles

/// A vocabulary of pieces with scores instead of merges: a SentencePiece model, or a GGUF file of
/// model `llama`.
struct ScoredVocabulary: Sendable {
  /// What a piece is, by SentencePiece's numbers, which GGUF files share.
  enum Kind: Int, Sendable {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  /// By id.
  var pieces: [[UInt8]]
  var scores: [Float]
  var kinds: [Kind]
  /// The unigram model instead of byte-pair encoding.
  var isUnigram = false
  var normalizer = SentencePieceNormalizer(removesExtraSpaces: false)
  var unknownID: Int?
  var bosID: Int?
  var eosID: Int?
  var addsBOS = true
  var addsEOS = false

  /// No real piece has a third of it; finding the merges of one takes time by its square.
  static let longestPiece = 1024

  /// - Parameter added: tokens that other files add to the vocabulary.
  func parts(added: DeclaredTokens? = nil) throws(TokenizerProblem) -> Tokenizer.Parts {
    var builder = TokenizerBuilder(
      isByteLevel: false, expectedPieces: pieces.count,
      expectedMerges: isUnigram ? 0 : pieces.count * 2)
    try addPieces(to: &builder)
    let model = try model(&builder)
    for (id, kind) in kinds.enumerated() {
      switch kind {
      case .control, .unknown:
        try builder.addToken(AddedToken(content: pieces[id], id: 0, isSpecial: true))
      case .userDefined: try builder.addToken(AddedToken(content: pieces[id], id: 0))
      case .normal, .unused, .byte: break
      }
    }
    try added?.add(to: &builder)
    var parts = Tokenizer.Parts(
      vocabulary: builder.vocabulary, model: model, pretokenizer: Pretokenizer(steps: []))
    parts.addedTokens = builder.addedTokens
    parts.normalizer = textNormalizer
    parts.decoder = .steps(decoderSteps)
    parts.bosID = try checked(bosID, "bos_token_id")
    parts.eosID = try checked(eosID, "eos_token_id")
    if addsBOS, let bos = parts.bosID { parts.specialPrefix = [bos] }
    if addsEOS, let eos = parts.eosID { parts.specialSuffix = [eos] }
    return parts
  }

  private func addPieces(to builder: inout TokenizerBuilder) throws(TokenizerProblem) {
    guard !pieces.isEmpty else { throw .emptyVocabulary }
    for (id, piece) in pieces.enumerated() {
      guard piece.count <= Self.longestPiece else {
        throw .pieceTooLong(limit: Self.longestPiece)
      }
      guard scores[id].isFinite else {
        throw .wrongType(field: "the score of piece \(id)", expected: "finite")
      }
      let added = piece.withUnsafeBufferPointer { bytes in
        Result { () throws(TokenizerProblem) in
          guard UTF8Scan.firstIllFormed(bytes) == nil else {
            throw .wrongType(field: "piece \(id)", expected: "UTF-8")
          }
          try builder.addPiece(bytes, id: id)
        }
      }
      try added.get()
    }
  }

  private func model(
    _ builder: inout TokenizerBuilder
  ) throws(TokenizerProblem) -> AnySubwordModel {
    let unknown = try checked(unknownID ?? kinds.firstIndex(of: .unknown), "unknown_token_id")
    let fallsBack = kinds.contains(.byte)
    if isUnigram {
      guard let unknown else { throw .missingField("the unknown piece") }
      let settings = UnigramModel.Settings(
        unknown: Int(unknown), fallsBackToBytes: fallsBack, roundsToSingle: true,
        usable: kinds.map { $0 == .normal })
      return .unigram(
        UnigramModel(
          pieces: builder.vocabulary.pieces, scores: scores.map(Double.init), settings: settings))
    }
    addMerges(to: &builder)
    let settings = CharacterPairModel.Settings(
      unknown: unknown.map(Int.init), fusesUnknown: true, fallsBackToBytes: fallsBack)
    return .characters(builder.characterPairs(settings))
  }

  /// Adds every split of a piece into two known ones: pieces in the order of their scores, of equal
  /// ones in that of their ids; splits of one piece by the ids of the left and the right part.
  ///
  /// Were splits of pieces of equal score ordered by their parts, runs of spaces would come out
  /// otherwise than by the SentencePiece library: in Mistral's vocabularies all have one score.
  private func addMerges(to builder: inout TokenizerBuilder) {
    let byScore = pieces.indices.filter {
      switch kinds[$0] {
      case .normal, .userDefined, .unused: true
      case .unknown, .control, .byte: false
      }
    }.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    var splits: [(left: Int, right: Int)] = []
    for id in byScore {
      splits.removeAll(keepingCapacity: true)
      appendSplits(of: id, by: builder.vocabulary.pieces, to: &splits)
      if splits.count > 1 { splits.sort { ($0.left, $0.right) < ($1.left, $1.right) } }
      for split in splits {
        builder.addMerge(left: split.left, right: split.right, merged: id)
      }
    }
  }

  private func appendSplits(
    of id: Int, by table: PieceTable, to splits: inout [(left: Int, right: Int)]
  ) {
    pieces[id].withUnsafeBufferPointer { piece in
      for cut in piece.indices.dropFirst() where !UTF8Scan.isContinuation(piece[cut]) {
        guard let left = table.id(of: UnsafeBufferPointer(rebasing: piece[..<cut])),
          let right = table.id(of: UnsafeBufferPointer(rebasing: piece[cut...]))
        else { continue }
        splits.append((left, right))
      }
    }
  }

  private var textNormalizer: TextNormalizer {
    let mark = SentencePieceNormalizer.mark
    if normalizer.map != nil || normalizer.removesExtraSpaces || normalizer.marksEnd {
      return TextNormalizer([.sentencePiece(normalizer)])
    }
    return TextNormalizer(
      (normalizer.addsPrefix ? [.prepend(mark)] : []) + [.replace([0x20], with: mark)])
  }

  private var decoderSteps: [TokenDecoder.Step] {
    // Where text was rid of extra spaces, the library takes all that decoded text begins with.
    let leading = normalizer.removesExtraSpaces ? Int.max : normalizer.addsPrefix ? 1 : 0
    return [
      .replace(SentencePieceNormalizer.mark, with: [0x20]), .byteFallback, .fuse,
      .strip([0x20], start: normalizer.marksEnd ? 0 : leading, stop: 0),
    ]
  }

  private func checked(_ id: Int?, _ field: String) throws(TokenizerProblem) -> Int32? {
    guard let id else { return nil }
    guard pieces.indices.contains(id) else { throw .specialIDOutOfRange(field: field, id: id) }
    return Int32(exactly: id)
  }
}
