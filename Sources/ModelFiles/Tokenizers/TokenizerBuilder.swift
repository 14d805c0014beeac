/// Building a vocabulary from pieces, merges and added tokens, whichever file they are in.
struct TokenizerBuilder {
  private(set) var vocabulary: TokenVocabulary
  private var merges: MergeTable
  private var mergeCount = 0
  private(set) var addedTokens: [AddedToken] = []
  private var addedIDs: [[UInt8]: Int] = [:]
  private var highestAddedID = -1
  private var left: [UInt8] = []
  private var right: [UInt8] = []

  init(isByteLevel: Bool = true, expectedPieces: Int, expectedMerges: Int) {
    vocabulary = TokenVocabulary(isByteLevel: isByteLevel, expectedPieces: expectedPieces)
    merges = MergeTable(expectedMerges: expectedMerges)
  }

  mutating func addPiece(
    _ spelling: UnsafeBufferPointer<UInt8>, id: Int
  ) throws(TokenizerProblem) {
    try vocabulary.insert(spelling, id: id)
  }

  /// Adds the next merge; its rank is its place in the list.
  mutating func addMerge(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerProblem) {
    let rank = mergeCount
    mergeCount += 1
    guard let leftID = vocabulary.mergeableID(spelled: first, raw: &left) else {
      return try requireSpelled(first, rank: rank)
    }
    guard let rightID = vocabulary.mergeableID(spelled: second, raw: &right) else {
      return try requireSpelled(second, rank: rank)
    }
    left.append(contentsOf: right)
    guard let merged = left.withUnsafeBufferPointer({ vocabulary.pieces.id(of: $0) }) else {
      throw .unknownMergePiece(index: rank, piece: vocabulary.spelled(left))
    }
    merges.insert(left: leftID, right: rightID, rank: rank, merged: merged)
  }

  /// A merge of an entry outside the alphabet can never happen, but the entry must exist.
  private func requireSpelled(
    _ piece: UnsafeBufferPointer<UInt8>, rank: Int
  ) throws(TokenizerProblem) {
    guard vocabulary.id(spelled: Array(piece)) != nil else {
      throw .unknownMergePiece(index: rank, piece: String(decoding: piece, as: UTF8.self))
    }
  }

  /// Adds a merge written as two pieces with a space between them.
  mutating func addMerge(
    joined: UnsafeBufferPointer<UInt8>, searchingFrom start: Int
  ) throws(TokenizerProblem) {
    guard joined.count > start,
      let space = joined[start...].firstIndex(of: 0x20), space > 0, space + 1 < joined.count
    else { throw .malformedMerge(index: mergeCount) }
    try addMerge(
      UnsafeBufferPointer(rebasing: joined[..<space]),
      UnsafeBufferPointer(rebasing: joined[(space + 1)...]))
  }

  /// Adds a token, with the id of the entry or earlier token of that spelling, or else the next free
  /// one; ids that a file declares are not followed, as in the reference.
  mutating func addToken(_ token: AddedToken) throws(TokenizerProblem) {
    guard !token.content.isEmpty else { return }
    var token = token
    let id =
      addedIDs[token.content] ?? vocabulary.id(spelled: token.content)
      ?? max(highestAddedID + 1, vocabulary.count)
    guard id < PieceTable.idLimit else {
      throw .idOutOfRange(
        piece: String(decoding: token.content, as: UTF8.self), limit: PieceTable.idLimit)
    }
    token.id = Int32(truncatingIfNeeded: id)
    if addedIDs.updateValue(id, forKey: token.content) != nil {
      // Of two tokens of one spelling the later says how it is matched.
      addedTokens.removeAll { $0.content == token.content }
    }
    highestAddedID = max(highestAddedID, id)
    vocabulary.name(token.content, id: id)
    addedTokens.append(token)
  }

  func id(spelled spelling: [UInt8]) -> Int? {
    addedIDs[spelling] ?? vocabulary.id(spelled: spelling)
  }

  /// Adds a merge of known pieces behind all others.
  mutating func addMerge(left: Int, right: Int, merged: Int) {
    merges.insert(left: left, right: right, rank: mergeCount, merged: merged)
    mergeCount += 1
  }

  func characterPairs(_ settings: CharacterPairModel.Settings) -> CharacterPairModel {
    CharacterPairModel(pieces: vocabulary.pieces, merges: merges, settings: settings)
  }

  func model(
    unknown: Int? = nil, fusesUnknown: Bool = false, ignoresMerges: Bool = false
  ) -> BytePairModel {
    BytePairModel(
      pieces: vocabulary.pieces, merges: merges, unknown: unknown, fusesUnknown: fusesUnknown,
      ignoresMerges: ignoresMerges)
  }
}
