import Tokenization

extension PolicyOptions {
  /// Marks that FastGen counts as punctuation, each a token by itself.
  static let punctuationMarks = Array(". , ! ? : ; - ( ) [ ] { } \" ' / \\ `".split(separator: " "))

  /// Takes special tokens and punctuation from a vocabulary.
  ///
  /// - Parameter withSpaces: whether marks that carry a leading space count too.
  public mutating func readVocabulary(_ tokenizer: Tokenizer, withSpaces: Bool = false) {
    var marks = Set(Self.punctuationMarks.map { Array($0.utf8) })
    if withSpaces { marks.formUnion(marks.map { [0x20] + $0 }) }
    for id in Int32(0)..<Int32(clamping: tokenizer.vocabularySize) {
      if tokenizer.isSpecial(id) {
        specialTokens.insert(id)
      } else if let bytes = tokenizer.bytes(of: id), marks.contains(bytes) {
        // A byte that stands in for what the vocabulary lacks is no entry of its own.
        if bytes.count > 1 || tokenizer.piece(id) == String(decoding: bytes, as: UTF8.self) {
          punctuation.insert(id)
        }
      }
    }
  }
}
