import ModelFiles

/// Building a vocabulary from pieces, merges and added tokens, whichever file they are in.
struct TokenizerBuilder {
  private(set) var vocabulary: TokenVocabulary
  private var merges: MergeTable
  private var mergeCount = 0
  /// In the order of their list; `nil` where a later token of the same spelling took over.
  private var added: [AddedToken?] = []
  private var addedPlaces: [[UInt8]: Int] = [:]
  private var highestAddedID = -1
  private var lastMerged = 0
  private var waiting = WaitingMerges()

  init(isByteLevel: Bool = true, expectedPieces: Int, expectedMerges: Int) {
    vocabulary = TokenVocabulary(isByteLevel: isByteLevel, expectedPieces: expectedPieces)
    merges = MergeTable(expectedMerges: expectedMerges)
  }

  mutating func addPiece(
    _ spelling: UnsafeBufferPointer<UInt8>, id: Int
  ) throws(TokenizerProblem) {
    try vocabulary.insert(spelling, id: id)
  }

  /// Adds the next merge; its rank is its place in the list. `finishMerges` must follow the last.
  mutating func addMerge(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerProblem) {
    guard let left = vocabulary.appendRaw(first, to: &waiting.bytes) else {
      return try skipMerge(of: first)
    }
    guard let right = vocabulary.appendRaw(second, to: &waiting.bytes) else {
      waiting.bytes.removeLast(left)
      return try skipMerge(of: second)
    }
    waiting.add(left: left, right: right, rank: mergeCount)
    mergeCount += 1
    if waiting.merges.count == WaitingMerges.capacity { try finishMerges() }
  }

  /// Resolves the merges that are still waiting.
  ///
  /// In three rounds, because tables of this size lie outside the processor's caches: a round asks
  /// for places that do not depend on each other, so that their way from memory overlaps.
  mutating func finishMerges() throws(TokenizerProblem) {
    defer { waiting.removeAll() }
    let resolved = waiting.bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(TokenizerProblem) in try resolveWaiting(bytes) }
    }
    try resolved.get()
    merges.reserve(waiting.merges.count)
    for index in waiting.merges.indices {
      waiting.merges[index].place = merges.place(waiting.merges[index].ids)
    }
    for merge in waiting.merges {
      merges.insert(merge.ids, at: merge.place, rank: merge.rank, merged: merge.merged)
    }
  }

  private mutating func resolveWaiting(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerProblem) {
    let pieces = vocabulary.pieces
    for index in waiting.merges.indices {
      let merge = waiting.merges[index]
      let left = UnsafeBufferPointer(rebasing: bytes[merge.start..<merge.cut])
      let right = UnsafeBufferPointer(rebasing: bytes[merge.cut..<merge.end])
      waiting.merges[index].probes = (pieces.probe(left), pieces.probe(right))
    }
    for index in waiting.merges.indices {
      let merge = waiting.merges[index]
      let left = UnsafeBufferPointer(rebasing: bytes[merge.start..<merge.cut])
      let right = UnsafeBufferPointer(rebasing: bytes[merge.cut..<merge.end])
      let whole = UnsafeBufferPointer(rebasing: bytes[merge.start..<merge.end])
      guard let leftID = pieces.id(of: left, from: merge.probes.left) else {
        throw missing(left, merge)
      }
      guard let rightID = pieces.id(of: right, from: merge.probes.right) else {
        throw missing(right, merge)
      }
      // Merges come in the order of what they give, or several in a row give the same.
      if pieces.holds(lastMerged + 1, whole) {
        lastMerged += 1
      } else if !pieces.holds(lastMerged, whole) {
        guard let merged = pieces.id(of: whole) else { throw missing(whole, merge) }
        lastMerged = merged
      }
      waiting.merges[index].ids = MergeTable.pair(leftID, rightID)
      waiting.merges[index].merged = lastMerged
    }
  }

  private func missing(
    _ piece: UnsafeBufferPointer<UInt8>, _ merge: WaitingMerges.Merge
  ) -> TokenizerProblem {
    .unknownMergePiece(index: merge.rank, piece: vocabulary.spelled(Array(piece)))
  }

  /// A merge of an entry outside the alphabet can never happen, but the entry must exist.
  private mutating func skipMerge(
    of piece: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerProblem) {
    guard vocabulary.id(spelled: Array(piece)) != nil else {
      let rank = mergeCount
      try finishMerges()
      throw .unknownMergePiece(index: rank, piece: String(decoding: piece, as: UTF8.self))
    }
    mergeCount += 1
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

  /// Adds a token, with the id of the entry or earlier token of that spelling, or else the next
  /// free one; ids that a file declares are not followed, as in the reference.
  mutating func addToken(_ token: AddedToken) throws(TokenizerProblem) {
    guard !token.content.isEmpty else { return }
    var token = token
    let id = id(spelled: token.content) ?? max(highestAddedID + 1, vocabulary.count)
    guard id < PieceTable.idLimit else {
      throw .idOutOfRange(
        piece: String(decoding: token.content, as: UTF8.self), limit: PieceTable.idLimit)
    }
    token.id = Int32(truncatingIfNeeded: id)
    // Of two tokens of one spelling the later says how it is matched.
    if let earlier = addedPlaces.updateValue(added.count, forKey: token.content) {
      added[earlier] = nil
    }
    highestAddedID = max(highestAddedID, id)
    vocabulary.name(token.content, id: id)
    added.append(token)
  }

  var addedTokens: [AddedToken] { added.compactMap { $0 } }

  func hasAdded(_ spelling: [UInt8]) -> Bool { addedPlaces[spelling] != nil }

  func id(spelled spelling: [UInt8]) -> Int? {
    addedPlaces[spelling].flatMap { added[$0] }.map { Int($0.id) }
      ?? vocabulary.id(spelled: spelling)
  }

  /// Adds a merge of known pieces behind all others.
  mutating func addMerge(left: Int, right: Int, merged: Int) {
    merges.reserve(1)
    let pair = MergeTable.pair(left, right)
    merges.insert(pair, at: merges.place(pair), rank: mergeCount, merged: merged)
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

/// Merges whose pieces are still to be looked up.
private struct WaitingMerges {
  struct Merge {
    /// The left piece ends and the right one starts at `cut` of the bytes.
    var start: Int
    var cut: Int
    var end: Int
    var rank: Int
    var probes = (left: PieceTable.Probe(), right: PieceTable.Probe())
    var ids: UInt64 = 0
    var merged = 0
    var place = MergeTable.Place()
  }

  static let capacity = 64
  var bytes: [UInt8] = []
  var merges: [Merge] = []

  /// Adds a merge of the last `left + right` bytes.
  mutating func add(left: Int, right: Int, rank: Int) {
    let end = bytes.count
    merges.append(Merge(start: end - right - left, cut: end - right, end: end, rank: rank))
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.count < 1 << 16)
    merges.removeAll(keepingCapacity: true)
  }
}
