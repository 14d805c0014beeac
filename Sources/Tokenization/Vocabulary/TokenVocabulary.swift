import ModelFiles

/// The pieces of a vocabulary under both their names: as files spell them and, in a byte-level one,
/// as the bytes that their characters stand for.
struct TokenVocabulary: Sendable {
  let isByteLevel: Bool
  /// Pieces that a model can give, by the bytes they stand for.
  private(set) var pieces: PieceTable
  /// Ids of entries, by spelling, that hold characters outside the alphabet: added tokens.
  private var otherIDs: [[UInt8]: Int] = [:]
  /// The spelling of those, and of tokens added beyond the vocabulary.
  private var otherSpellings: [Int: [UInt8]] = [:]
  /// Entries, ids with gaps between them counted once.
  private(set) var count = 0
  private(set) var idBound = 0
  private var raw: [UInt8] = []

  init(isByteLevel: Bool = true, expectedPieces: Int = 0) {
    self.isByteLevel = isByteLevel
    pieces = PieceTable(expectedPieces: expectedPieces)
  }

  /// Adds an entry as a file spells it, in well-formed UTF-8.
  mutating func insert(
    _ spelling: UnsafeBufferPointer<UInt8>, id: Int
  ) throws(TokenizerProblem) {
    raw.removeAll(keepingCapacity: true)
    if !isByteLevel {
      try pieces.insert(spelling, id: id)
    } else if ByteLevelAlphabet.decode(spelling, to: &raw) {
      let taken = raw
      let inserted = taken.withUnsafeBufferPointer { bytes in
        Result { () throws(TokenizerProblem) in try pieces.insert(bytes, id: id) }
      }
      try inserted.get()
    } else {
      try insertOther(Array(spelling), id: id)
    }
    count += 1
    idBound = max(idBound, id + 1)
  }

  private mutating func insertOther(_ spelling: [UInt8], id: Int) throws(TokenizerProblem) {
    let text = String(decoding: spelling, as: UTF8.self)
    guard id >= 0, id < PieceTable.idLimit else {
      throw .idOutOfRange(piece: text, limit: PieceTable.idLimit)
    }
    guard otherIDs.updateValue(id, forKey: spelling) == nil else { throw .duplicatePiece(text) }
    if otherSpellings[id] == nil, pieces.piece(id) == nil { otherSpellings[id] = spelling }
  }

  /// The id of an entry as files spell it.
  func id(spelled spelling: [UInt8]) -> Int? {
    guard isByteLevel else { return pieces.id(of: spelling) }
    if let raw = ByteLevelAlphabet.decode(spelling) { return pieces.id(of: raw) }
    return otherIDs[spelling]
  }

  /// Appends the bytes that a spelling stands for and returns their number; `nil`, with nothing
  /// appended, where it is no spelling of a piece that a model can give.
  func appendRaw(_ spelling: UnsafeBufferPointer<UInt8>, to raw: inout [UInt8]) -> Int? {
    let start = raw.count
    if !isByteLevel {
      raw.append(contentsOf: spelling)
    } else if !ByteLevelAlphabet.decode(spelling, to: &raw) {
      raw.removeLast(raw.count - start)
      return nil
    }
    return raw.count - start
  }

  /// Names a token that was added beyond the entries; it hides an entry with the same id.
  mutating func name(_ spelling: [UInt8], id: Int) {
    otherSpellings[id] = spelling
    idBound = max(idBound, id + 1)
  }

  /// The entry or token as files spell it.
  func spelling(_ id: Int) -> [UInt8]? {
    otherSpellings[id]
      ?? pieces.piece(id).map {
        isByteLevel ? Array(ByteLevelAlphabet.encode($0).utf8) : Array($0)
      }
  }

  /// The spelling of `raw`, the bytes that a piece stands for.
  func spelled(_ raw: [UInt8]) -> String {
    isByteLevel ? ByteLevelAlphabet.encode(raw) : String(decoding: raw, as: UTF8.self)
  }

  /// What the token adds to text by the byte-level decoder: its bytes where its spelling is all of
  /// the alphabet, otherwise the spelling itself.
  func decoded(_ id: Int) -> [UInt8]? {
    if let spelling = otherSpellings[id] { return ByteLevelAlphabet.decode(spelling) ?? spelling }
    guard let piece = pieces.piece(id).map(Array.init) else { return nil }
    return isByteLevel ? piece : ByteLevelAlphabet.decode(piece) ?? piece
  }
}
