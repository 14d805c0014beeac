import ModelFiles

/// What the steps around a model may do to text at most: beyond it a file is no tokenizer but a way
/// to take a reader's memory or hours.
enum PipelineLimits {
  /// Entries of a list, steps of a part, tokens around a text.
  static let entries = 64
  /// Bytes that a byte of text may become in all steps of a part.
  static let growth = 1024

  static func check(_ count: Int, of part: String) throws(TokenizerProblem) {
    guard count <= entries else { throw .tooManyEntries(part: part, limit: entries) }
  }

  /// - Parameter factors: by how much each step may lengthen text.
  static func check(growth factors: [Double], of part: String) throws(TokenizerProblem) {
    guard factors.reduce(1, *) <= Double(growth) else {
      throw .growsText(part: part, limit: growth)
    }
  }

  /// How much longer text may become when each `old` in it becomes `new`.
  static func growth(replacing old: Int, with new: Int) -> Double {
    max(1, Double(new) / Double(max(1, old)))
  }
}

extension TextNormalizer.Step {
  /// Bytes that a byte of text may become.
  var growth: Double {
    switch self {
    // A text of one byte grows most.
    case .prepend(let prefix): Double(1 + prefix.count)
    case .replace(let old, let new):
      PipelineLimits.growth(replacing: old.count, with: new.count)
    case .replaceSpaceRuns(let new): PipelineLimits.growth(replacing: 2, with: new.count)
    // Three is what Unicode promises of form C.
    case .compose: 3
    case .strip: 1
    case .characterMap(let map): Double(max(1, map.longestReplacement))
    case .sentencePiece(let normalizer):
      Double(SentencePieceNormalizer.mark.count * max(1, normalizer.map?.longestReplacement ?? 1))
    }
  }
}

extension TokenDecoder.Step {
  /// Bytes that a byte of a piece may become.
  var growth: Double {
    switch self {
    case .replace(let old, let new):
      PipelineLimits.growth(replacing: old.count, with: new.count)
    case .byteFallback, .fuse, .strip, .metaspace: 1
    }
  }
}
