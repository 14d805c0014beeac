import ModelFiles

/// The `Unigram` model of a `tokenizer.json`.
enum UnigramFile {
  static func read(
    _ model: JSONNode, isByteLevel: Bool
  ) throws(TokenizerProblem) -> TokenizerFile.Model {
    guard !isByteLevel else {
      throw .unsupported(part: "pre_tokenizer of a Unigram model", value: "ByteLevel")
    }
    guard let list = model["vocab"], list.kind == .array else {
      throw .wrongType(field: "model.vocab", expected: "array of pieces with scores")
    }
    let count = list.count
    var builder = TokenizerBuilder(isByteLevel: false, expectedPieces: count, expectedMerges: 0)
    var scores: [Double] = []
    scores.reserveCapacity(count)
    var problem: TokenizerProblem?
    list.forEachElement { entry in
      guard problem == nil else { return }
      do throws(TokenizerProblem) {
        scores.append(try add(entry, id: scores.count, to: &builder))
      } catch { problem = error }
    }
    if let problem { throw problem }
    guard !scores.isEmpty else { throw .emptyVocabulary }
    guard let unknown = model["unk_id"]?.int else {
      throw .wrongType(field: "model.unk_id", expected: "integer id")
    }
    guard scores.indices.contains(unknown) else {
      throw .specialIDOutOfRange(field: "model.unk_id", id: unknown)
    }
    let settings = UnigramModel.Settings(
      unknown: unknown,
      fallsBackToBytes: try TokenizerFile.flag(model, "byte_fallback", in: "model"))
    return (
      builder,
      .unigram(
        UnigramModel(pieces: builder.vocabulary.pieces, scores: scores, settings: settings))
    )
  }

  /// Adds a piece and returns its score.
  private static func add(
    _ entry: JSONNode, id: Int, to builder: inout TokenizerBuilder
  ) throws(TokenizerProblem) -> Double {
    let parts = entry.elements
    guard parts.count == 2, let score = parts[1].double else {
      throw .wrongType(field: "model.vocab", expected: "array of pieces with scores")
    }
    let added = parts[0].withUTF8 { piece in
      Result { () throws(TokenizerProblem) in try builder.addPiece(piece, id: id) }
    }
    guard let added else {
      throw .wrongType(field: "model.vocab", expected: "array of pieces with scores")
    }
    try added.get()
    return score
  }
}
