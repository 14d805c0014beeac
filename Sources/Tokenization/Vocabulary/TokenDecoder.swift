import ModelFiles

/// How pieces become text again.
enum TokenDecoder: Sendable {
  /// Without a decoder the reference puts a space between pieces.
  case joinedWithSpaces
  /// Pieces stand for bytes.
  case byteLevel
  /// Each step changes the list of pieces that the one before left; then they are joined.
  case steps([Step])

  enum Step: Sendable, Equatable {
    case replace([UInt8], with: [UInt8])
    /// Pieces such as `<0x0A>` become their bytes; a run of them that is no UTF-8 becomes as many
    /// U+FFFD.
    case byteFallback
    case fuse
    /// Takes up to so many of one character from the ends of every piece.
    case strip([UInt8], start: Int, stop: Int)
    /// Marks become spaces; those in the first piece go where `dropsFirst` says so.
    case metaspace(mark: [UInt8], dropsFirst: Bool)
  }

  static func decode(_ pieces: [[UInt8]], _ steps: [Step]) -> [UInt8] {
    steps.reduce(pieces) { pieces, step in
      switch step {
      case .replace(let old, let new): pieces.map { replacing($0, old, with: new) }
      case .byteFallback: bytesJoined(pieces)
      case .fuse: [Array(pieces.joined())]
      case .strip(let character, let start, let stop):
        pieces.map { stripped($0, character, start: start, stop: stop) }
      case .metaspace(let mark, let dropsFirst):
        pieces.enumerated().map { index, piece in
          replacing(piece, mark, with: index == 0 && dropsFirst ? [] : [0x20])
        }
      }
    }.reduce(into: []) { $0 += $1 }
  }

  /// The bytes of one piece that stands neither first nor last in its text.
  static func bytes(ofInner piece: [UInt8], _ steps: [Step]) -> [UInt8] {
    if steps.contains(.byteFallback), let byte = byte(named: piece) { return [byte] }
    // What follows the fusion of all pieces concerns the ends of the text.
    return decode([[], piece], Array(steps.prefix { $0 != .fuse }))
  }

  private static func replacing(_ piece: [UInt8], _ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    TextNormalizer([.replace(old, with: new)]).normalized(piece)
  }

  private static func bytesJoined(_ pieces: [[UInt8]]) -> [[UInt8]] {
    var joined: [[UInt8]] = []
    var run: [UInt8] = []
    func flush() {
      guard !run.isEmpty else { return }
      let isText = run.withUnsafeBufferPointer { UTF8Scan.firstIllFormed($0) == nil }
      if isText { joined.append(run) } else { joined += run.map { _ in [0xEF, 0xBF, 0xBD] } }
      run = []
    }
    for piece in pieces {
      if let byte = byte(named: piece) {
        run.append(byte)
      } else {
        flush()
        joined.append(piece)
      }
    }
    flush()
    return joined
  }

  /// The byte that a piece such as `<0x0A>` names; the reference also reads `<0x+A>`.
  private static func byte(named piece: [UInt8]) -> UInt8? {
    guard piece.count == 6, piece.starts(with: "<0x".utf8), piece[5] == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
  }

  private static func stripped(
    _ piece: [UInt8], _ character: [UInt8], start: Int, stop: Int
  ) -> [UInt8] {
    guard !character.isEmpty else { return piece }
    var piece = piece[...]
    for _ in 0..<min(start, piece.count) where piece.starts(with: character) {
      piece.removeFirst(character.count)
    }
    for _ in 0..<min(stop, piece.count) where piece.suffix(character.count) == character[...] {
      piece.removeLast(character.count)
    }
    return Array(piece)
  }
}
