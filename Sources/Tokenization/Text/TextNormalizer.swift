import ModelFiles

/// What is done to text before it is split: steps in order, each on the outcome of the one before.
struct TextNormalizer: Sendable {
  enum Step: Sendable {
    /// Unicode normalization form C.
    case compose
    /// Puts something before text that is not empty.
    case prepend([UInt8])
    /// Every occurrence of the first becomes the second.
    case replace([UInt8], with: [UInt8])
    /// Every run of two spaces or more.
    case replaceSpaceRuns(with: [UInt8])
    /// Takes white space from the ends.
    case strip(left: Bool, right: Bool)
    case characterMap(CharacterMap)
    case sentencePiece(SentencePieceNormalizer)
  }

  struct Outcome {
    var text: [UInt8]
    /// Whether the first byte still stands for the beginning of the text as given.
    var keepsOrigin: Bool
  }

  let steps: [Step]

  init(_ steps: [Step] = []) { self.steps = steps }

  /// The text after all steps; `nil` where none changed it.
  ///
  /// - Parameter continues: whether it is the rest of a text, so that nothing is put before it.
  func normalized(_ text: UnsafeBufferPointer<UInt8>, continues: Bool = false) -> Outcome? {
    var outcome: Outcome?
    for step in steps {
      if continues, case .prepend = step { continue }
      let keepsOrigin = outcome?.keepsOrigin ?? true
      let changed =
        outcome.map { $0.text.withUnsafeBufferPointer { Self.apply(step, to: $0) } }
        ?? Self.apply(step, to: text)
      guard let changed else { continue }
      outcome = Outcome(text: changed.text, keepsOrigin: keepsOrigin && changed.keepsOrigin)
    }
    return outcome
  }

  func normalized(_ text: [UInt8]) -> [UInt8] {
    text.withUnsafeBufferPointer { normalized($0)?.text } ?? text
  }

  private static func apply(_ step: Step, to text: UnsafeBufferPointer<UInt8>) -> Outcome? {
    func kept(_ text: [UInt8]?) -> Outcome? { text.map { Outcome(text: $0, keepsOrigin: true) } }
    switch step {
    case .compose: return kept(CanonicalComposition.normalized(text))
    case .prepend(let prefix): return text.isEmpty ? nil : kept(prefix + text)
    case .replace(let old, let new):
      let startsWithIt = new.isEmpty && text.starts(with: old)
      return replacing(text, old, with: new).map {
        Outcome(text: $0, keepsOrigin: !startsWithIt)
      }
    case .replaceSpaceRuns(let new):
      let startsWithRun = new.isEmpty && text.starts(with: [0x20, 0x20])
      return replacingSpaceRuns(text, with: new).map {
        Outcome(text: $0, keepsOrigin: !startsWithRun)
      }
    case .strip(let left, let right): return stripped(text, left: left, right: right)
    case .characterMap(let map): return kept(map.normalized(text))
    case .sentencePiece(let normalizer): return kept(normalizer.normalized(text))
    }
  }

  private static func replacing(
    _ text: UnsafeBufferPointer<UInt8>, _ old: [UInt8], with new: [UInt8]
  ) -> [UInt8]? {
    guard let lead = old.first else { return nil }
    var result: [UInt8] = []
    var settled = 0
    var position = 0
    while position < text.count {
      guard text[position] == lead, text.count - position >= old.count,
        (1..<old.count).allSatisfy({ text[position + $0] == old[$0] })
      else {
        position += 1
        continue
      }
      if result.isEmpty { result.reserveCapacity(text.count + text.count / 2) }
      result.append(contentsOf: text[settled..<position])
      result.append(contentsOf: new)
      position += old.count
      settled = position
    }
    guard settled > 0 else { return nil }
    result.append(contentsOf: text[settled...])
    return result
  }

  private static func replacingSpaceRuns(
    _ text: UnsafeBufferPointer<UInt8>, with new: [UInt8]
  ) -> [UInt8]? {
    var result: [UInt8] = []
    var settled = 0
    var position = 0
    while position < text.count {
      var end = position
      while end < text.count, text[end] == 0x20 { end += 1 }
      if end - position >= 2 {
        result.append(contentsOf: text[settled..<position])
        result.append(contentsOf: new)
        settled = end
      }
      position = max(end, position + 1)
    }
    guard settled > 0 else { return nil }
    result.append(contentsOf: text[settled...])
    return result
  }

  private static func stripped(
    _ text: UnsafeBufferPointer<UInt8>, left: Bool, right: Bool
  ) -> Outcome? {
    var (start, end) = (0, text.count)
    while left, start < end {
      let (scalar, length) = UTF8Scan.decode(text, at: start)
      guard UnicodeClasses.shared[scalar].contains(.space) else { break }
      start += length
    }
    while right, end > start {
      let last = UTF8Scan.start(text, before: end)
      guard UnicodeClasses.shared[UTF8Scan.decode(text, at: last).scalar].contains(.space) else {
        break
      }
      end = last
    }
    guard start > 0 || end < text.count else { return nil }
    return Outcome(text: Array(text[start..<end]), keepsOrigin: start == 0)
  }
}
