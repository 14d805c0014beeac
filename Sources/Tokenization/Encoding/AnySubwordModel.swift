import ModelFiles

/// The kinds of model that there are; each text is encoded by code made for its kind.
enum AnySubwordModel: Sendable {
  case byteLevel(BytePairModel)
  case characters(CharacterPairModel)
  case unigram(UnigramModel)

  /// Encodes the words that `pretokenizer` makes of a text that is not empty.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, isBeginning: Bool, by pretokenizer: Pretokenizer,
    to scratch: EncodingScratch
  ) {
    switch self {
    case .byteLevel(let model):
      pretokenizer.encode(text, isBeginning: isBeginning, with: model, to: scratch)
    case .characters(let model):
      pretokenizer.encode(text, isBeginning: isBeginning, with: model, to: scratch)
    case .unigram(let model):
      pretokenizer.encode(text, isBeginning: isBeginning, with: model, to: scratch)
    }
  }
}
