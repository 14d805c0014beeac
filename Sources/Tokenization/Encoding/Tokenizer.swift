import ModelFiles
import Synchronization

/// Text to token ids and back, equal to what Hugging Face `tokenizers` 0.23 gives for the same
/// file.
///
///     let tokenizer = try Tokenizer.load(directory: "gpt2")
///     let ids = tokenizer.encode("Hello, world")
///
/// Truncation and padding that a file may ask for are not applied. One instance may be used from
/// many threads at once; each call borrows its own working memory and word cache.
public final class Tokenizer: Sendable {
  private let vocabulary: TokenVocabulary
  private let model: AnySubwordModel
  private let pretokenizer: Pretokenizer
  private let normalizer: TextNormalizer
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher
  private let specialIDs: Set<Int32>
  /// Special tokens that decoding may leave out: as in the reference, not those that normalization
  /// spells anew.
  private let skippableIDs: Set<Int32>
  private let decoder: TokenDecoder
  /// Where a text may be cut without changing its ids.
  let cuts: TextCuts
  private let idle = Mutex<[EncodingScratch]>([])

  /// What the tokenizer itself puts before a text where special tokens are asked for.
  public let specialPrefix: [Int32]
  /// What it puts behind.
  public let specialSuffix: [Int32]
  /// The token that begins a text, as the files beside the vocabulary name it.
  public let bosID: Int32?
  /// The token that ends a text.
  public let eosID: Int32?

  /// Everything that makes a tokenizer, read from whichever file.
  struct Parts {
    var vocabulary: TokenVocabulary
    var model: AnySubwordModel
    var addedTokens: [AddedToken] = []
    var normalizer = TextNormalizer()
    var pretokenizer: Pretokenizer
    var specialPrefix: [Int32] = []
    var specialSuffix: [Int32] = []
    var decoder = TokenDecoder.byteLevel
    var bosID: Int32?
    var eosID: Int32?
  }

  init(_ parts: Parts) {
    var vocabulary = parts.vocabulary
    model = parts.model
    pretokenizer = parts.pretokenizer
    normalizer = parts.normalizer
    let added = parts.addedTokens.filter { !$0.content.isEmpty }
    rawMatcher = AddedTokenMatcher(added.filter { !$0.isNormalized })
    var normalized = added.filter(\.isNormalized)
    for index in normalized.indices {
      normalized[index].content = parts.normalizer.normalized(normalized[index].content)
      vocabulary.name(normalized[index].content, id: Int(normalized[index].id))
    }
    normalizedMatcher = AddedTokenMatcher(normalized)
    self.vocabulary = vocabulary
    specialIDs = Set(added.filter(\.isSpecial).map(\.id))
    skippableIDs = Set(
      added.filter { token in
        token.isSpecial
          && (!token.isNormalized || parts.normalizer.normalized(token.content) == token.content)
      }.map(\.id))
    specialPrefix = parts.specialPrefix
    specialSuffix = parts.specialSuffix
    decoder = parts.decoder
    cuts = parts.cuts
    bosID = parts.bosID ?? parts.specialPrefix.first
    eosID = parts.eosID
  }

  /// The BOS that the tokenizer itself puts before a text; `nil` where it puts none.
  public var automaticBOS: Int32? { specialPrefix.first }

  /// The family of its model, in words.
  public var kind: String {
    switch model {
    case .byteLevel: "byte-level BPE"
    case .characters: "BPE of characters"
    case .unigram: "Unigram"
    }
  }

  /// One more than the highest id.
  public var vocabularySize: Int { vocabulary.idBound }

  // MARK: Encoding

  /// The ids of a text, without added special tokens; strings that the vocabulary knows as special
  /// become their tokens. Ill-formed UTF-8 is read as U+FFFD.
  ///
  /// - Parameter limit: ids after which encoding may stop; the ids are then a beginning of all ids
  ///   with at least that many.
  /// - Parameter threads: how many may share a long text, if its tokenizer allows cutting it; the
  ///   ids do not depend on it.
  public func encode(
    _ text: UnsafeBufferPointer<UInt8>, limit: Int = .max, threads: Int = 1
  ) -> [Int32] {
    encode(text, limit: limit, threads: threads, continuing: false)
  }

  /// - Parameter continuing: whether the text goes on where another was cut.
  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, limit: Int, threads: Int, continuing: Bool
  ) -> [Int32] {
    if let (repaired, _) = UTF8Scan.repaired(text) {
      return repaired.withUnsafeBufferPointer {
        encodeParts($0, limit: limit, threads: threads, continuing: continuing)
      }
    }
    return encodeParts(text, limit: limit, threads: threads, continuing: continuing)
  }

  /// Parts large enough that starting a thread does not show.
  static let partSize = 1 << 17

  private func encodeParts(
    _ text: UnsafeBufferPointer<UInt8>, limit: Int, threads: Int, continuing: Bool
  ) -> [Int32] {
    guard threads > 1, !cuts.isEmpty, text.count > 2 * Self.partSize, limit > Self.partSize / 8
    else { return encodeWellFormed(text, limit: limit, continuing: continuing) }
    nonisolated(unsafe) let text = text
    let parts = cuts.parts(of: text, size: Self.partSize)
    var ids: [Int32] = []
    var first = 0
    while first < parts.count, ids.count < limit {
      // Rounds of no more parts than are likely to be wanted.
      let (start, wanted) = (first, limit - ids.count)
      let likely = max(wanted / (Self.partSize / 4), threads)
      let count = min(likely, parts.count - first)
      let encoded = OrderedWork.map(count: count, threads: threads) {
        encodeWellFormed(
          UnsafeBufferPointer(rebasing: text[parts[start + $0]]), limit: wanted,
          continuing: continuing || start + $0 > 0)
      }
      for part in encoded where ids.count < limit { ids += part }
      first += encoded.count
    }
    return ids
  }

  /// The ids of what follows a cut of a text, if `continuing`, up to its end or its next cut.
  func encode(_ text: [UInt8], limit: Int, threads: Int, continuing: Bool) -> [Int32] {
    text.withUnsafeBufferPointer {
      encode($0, limit: limit, threads: threads, continuing: continuing)
    }
  }

  /// The ids of a text in UTF-8.
  public func encode(_ text: [UInt8], limit: Int = .max, threads: Int = 1) -> [Int32] {
    text.withUnsafeBufferPointer { encode($0, limit: limit, threads: threads) }
  }

  /// The ids of a text.
  public func encode(_ text: String, limit: Int = .max) -> [Int32] {
    var text = text
    return text.withUTF8 { encodeWellFormed($0, limit: limit) }
  }

  /// The ids of a text between what the tokenizer itself puts around it.
  public func encodeWithSpecialTokens(_ text: String) -> [Int32] {
    specialPrefix + encode(text) + specialSuffix
  }

  private func encodeWellFormed(
    _ text: UnsafeBufferPointer<UInt8>, limit: Int, continuing: Bool = false
  ) -> [Int32] {
    let scratch = idle.withLock { $0.popLast() } ?? EncodingScratch()
    scratch.limit = limit
    rawMatcher.forEachSegment(of: text) { segment in
      switch segment {
      case .token(let id): scratch.append(UInt32(bitPattern: id))
      case .text(let range):
        let (isFirst, part) = (range.lowerBound == 0, UnsafeBufferPointer(rebasing: text[range]))
        encodeSegment(
          part, isBeginning: isFirst && !continuing, continues: isFirst && continuing, to: scratch)
      }
      return !scratch.isFull
    }
    let ids = scratch.takeIDs()
    idle.withLock { $0.append(scratch) }
    return ids
  }

  private func encodeSegment(
    _ text: UnsafeBufferPointer<UInt8>, isBeginning: Bool, continues: Bool,
    to scratch: EncodingScratch
  ) {
    if let outcome = normalizer.normalized(text, continues: continues) {
      outcome.text.withUnsafeBufferPointer {
        encodeNormalized($0, isBeginning: isBeginning && outcome.keepsOrigin, to: scratch)
      }
    } else {
      encodeNormalized(text, isBeginning: isBeginning, to: scratch)
    }
  }

  private func encodeNormalized(
    _ text: UnsafeBufferPointer<UInt8>, isBeginning: Bool, to scratch: EncodingScratch
  ) {
    normalizedMatcher.forEachSegment(of: text) { segment in
      switch segment {
      case .token(let id): scratch.append(UInt32(bitPattern: id))
      case .text(let range):
        model.encode(
          UnsafeBufferPointer(rebasing: text[range]),
          isBeginning: isBeginning && range.lowerBound == 0, by: pretokenizer, to: scratch)
      }
      return !scratch.isFull
    }
  }

  // MARK: Decoding and names

  /// The text of ids; ids outside the vocabulary are left out, ill-formed UTF-8 becomes U+FFFD.
  public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = false) -> String {
    let kept = ids.filter { !(skippingSpecialTokens && skippableIDs.contains($0)) }
    let text: [UInt8]
    switch decoder {
    case .byteLevel: text = kept.reduce(into: []) { $0 += vocabulary.decoded(Int($1)) ?? [] }
    case .joinedWithSpaces:
      text = Array(kept.compactMap { vocabulary.spelling(Int($0)) }.joined(separator: [0x20]))
    case .steps(let steps):
      text = TokenDecoder.decode(kept.compactMap { vocabulary.spelling(Int($0)) }, steps)
    }
    let repaired = text.withUnsafeBufferPointer(UTF8Scan.repaired)
    return String(decoding: repaired?.text ?? text, as: UTF8.self)
  }

  /// A token as the vocabulary spells it (`Ġthe` for " the"), for labels.
  public func piece(_ id: Int32) -> String? {
    vocabulary.spelling(Int(id)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes that a token stands for within a text, be they UTF-8 or not; `nil` outside the
  /// vocabulary.
  public func bytes(of id: Int32) -> [UInt8]? {
    switch decoder {
    case .byteLevel: vocabulary.decoded(Int(id))
    case .joinedWithSpaces: vocabulary.spelling(Int(id))
    case .steps(let steps):
      vocabulary.spelling(Int(id)).map { TokenDecoder.bytes(ofInner: $0, steps) }
    }
  }

  /// The id of a token as the vocabulary spells it.
  public func id(ofPiece piece: String) -> Int32? {
    let spelling = Array(piece.utf8)
    if let token = addedToken(spelling) { return token }
    return vocabulary.id(spelled: spelling).map(Int32.init(truncatingIfNeeded:))
  }

  private func addedToken(_ spelling: [UInt8]) -> Int32? {
    rawMatcher.id(of: spelling) ?? normalizedMatcher.id(of: spelling)
  }

  /// Whether a token is special: control, not text.
  public func isSpecial(_ id: Int32) -> Bool { specialIDs.contains(id) }
}
