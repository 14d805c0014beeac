import ModelFiles

/// The normalizer of a SentencePiece model, as its own library applies it.
struct SentencePieceNormalizer: Sendable {
  /// `nil` where characters stay as they are.
  var map: CharacterMap?
  var addsPrefix = true
  var removesExtraSpaces = true
  /// Puts the mark behind the text instead of before it.
  var marksEnd = false

  /// U+2581, which stands for a space.
  static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 2 + 3)
    var begins = true
    var behindSpace = removesExtraSpaces
    var position = 0
    while position < text.count {
      let length: Int
      if let map, let match = map.longestMatch(text, at: position) {
        length = match.length
        append(
          match.replacement, to: &result, begins: &begins, behindSpace: &behindSpace)
      } else {
        length = UTF8Scan.decode(text, at: position).length
        append(
          text[position..<position + length], to: &result, begins: &begins,
          behindSpace: &behindSpace)
      }
      if !removesExtraSpaces { behindSpace = false }
      position += length
    }
    if removesExtraSpaces {
      while result.suffix(3).elementsEqual(Self.mark), result.count >= 3 { result.removeLast(3) }
    }
    if marksEnd, addsPrefix, !begins { result.append(contentsOf: Self.mark) }
    return result
  }

  private func append(
    _ part: some BidirectionalCollection<UInt8>, to result: inout [UInt8], begins: inout Bool,
    behindSpace: inout Bool
  ) {
    // Where extra spaces go, the text begins with the first part that is not a space alone.
    if begins, !(removesExtraSpaces && part.elementsEqual([0x20])) {
      begins = false
      if addsPrefix, !marksEnd { result.append(contentsOf: Self.mark) }
    }
    let kept = behindSpace ? part.drop { $0 == 0x20 } : part[...]
    guard let last = kept.last else { return }
    for byte in kept {
      if byte == 0x20 { result.append(contentsOf: Self.mark) } else { result.append(byte) }
    }
    behindSpace = last == 0x20
  }
}
