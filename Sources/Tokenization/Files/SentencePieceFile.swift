import ModelFiles

/// Reading SentencePiece's `tokenizer.model`, a protocol-buffers message.
enum SentencePieceFile {
  /// The vocabulary that the file holds; special tokens are not asked to be added.
  static func vocabulary(
    _ bytes: UnsafeRawBufferPointer
  ) throws(TokenizerProblem) -> ScoredVocabulary {
    var vocabulary = ScoredVocabulary(pieces: [], scores: [], kinds: [])
    var settings = Settings()
    var reader = ProtobufReader(bytes, 0..<bytes.count)
    while let (field, value) = try reader.next() {
      guard case .bytes(let range) = value else { continue }
      switch field {
      case 1: try addPiece(ProtobufReader(bytes, range), bytes, to: &vocabulary)
      case 2: try read(trainer: ProtobufReader(bytes, range), to: &settings)
      case 3: try read(normalizer: ProtobufReader(bytes, range), bytes, to: &settings)
      default: break
      }
    }
    guard !vocabulary.pieces.isEmpty else { throw .emptyVocabulary }
    guard settings.model == 1 || settings.model == 2 else {
      throw .unsupported(part: "trainer_spec.model_type", value: "\(settings.model)")
    }
    guard settings.escapesSpaces else {
      throw .unsupported(part: "normalizer_spec.escape_whitespaces", value: "false")
    }
    vocabulary.isUnigram = settings.model == 1
    vocabulary.normalizer = settings.normalizer
    // The ids in the file are what the trainer was asked for; a piece that is no control piece, or
    // none at all, is no BOS or EOS.
    func control(_ id: Int) -> Int? {
      vocabulary.kinds.indices.contains(id) && vocabulary.kinds[id] == .control ? id : nil
    }
    vocabulary.unknownID = vocabulary.kinds.firstIndex(of: .unknown)
    vocabulary.bosID = control(settings.bosID)
    vocabulary.eosID = control(settings.eosID)
    vocabulary.addsBOS = false
    return vocabulary
  }

  private struct Settings {
    var model: UInt64 = 1
    var bosID = 1
    var eosID = 2
    var normalizer = SentencePieceNormalizer()
    var escapesSpaces = true
  }

  private static func addPiece(
    _ message: ProtobufReader, _ bytes: UnsafeRawBufferPointer,
    to vocabulary: inout ScoredVocabulary
  ) throws(TokenizerProblem) {
    var message = message
    var piece: [UInt8] = []
    var score: Float = 0
    var kind = ScoredVocabulary.Kind.normal
    while let (field, value) = try message.next() {
      switch (field, value) {
      case (1, .bytes(let range)): piece = Array(bytes[range])
      case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
      case (3, .integer(let type)):
        guard let known = Int(exactly: type).flatMap(ScoredVocabulary.Kind.init) else {
          throw .unsupported(part: "piece type", value: "\(type)")
        }
        kind = known
      default: break
      }
    }
    guard !piece.isEmpty else {
      throw .wrongType(field: "piece \(vocabulary.pieces.count)", expected: "not empty")
    }
    vocabulary.pieces.append(piece)
    vocabulary.scores.append(score)
    vocabulary.kinds.append(kind)
  }

  private static func read(
    trainer message: ProtobufReader, to settings: inout Settings
  ) throws(TokenizerProblem) {
    var message = message
    while let (field, value) = try message.next() {
      guard case .integer(let number) = value else { continue }
      switch field {
      case 3: settings.model = number
      case 24: settings.normalizer.marksEnd = number != 0
      case 41: settings.bosID = Int(truncatingIfNeeded: number)
      case 42: settings.eosID = Int(truncatingIfNeeded: number)
      default: break
      }
    }
  }

  private static func read(
    normalizer message: ProtobufReader, _ bytes: UnsafeRawBufferPointer,
    to settings: inout Settings
  ) throws(TokenizerProblem) {
    var message = message
    while let (field, value) = try message.next() {
      switch (field, value) {
      case (2, .bytes(let range)):
        settings.normalizer.map = range.isEmpty ? nil : try CharacterMap(Array(bytes[range]))
      case (3, .integer(let flag)): settings.normalizer.addsPrefix = flag != 0
      case (4, .integer(let flag)): settings.normalizer.removesExtraSpaces = flag != 0
      case (5, .integer(let flag)): settings.escapesSpaces = flag != 0
      default: break
      }
    }
  }
}
