import ModelFiles

// Encoding one long text part by part, on several threads or as it is read, with the same ids as in
// one piece.
//
// For byte-level tokenizers a text is cut where words end whatever stands around:
//
// - before a space between two ASCII letters, the first a small one. That takes a step that ends
//   words there: a `SplitPattern` or a run of a class that has all ASCII letters and no space. No
//   match of any step goes on past the first letter or looks behind it, and behind the step with
//   the words the next one starts at the space.
// - behind a line feed between something else than white space and a letter. All patterns end a
//   word there: GPT-2's takes the line feed by itself, the others with the signs or the line ends
//   before it. Behind a carriage return GPT-2's keeps the two apart, so that the cut lies between
//   them.
// - before an ideographic comma or full stop behind a letter, where a run of letters ends.
//
// The last two take a `SplitPattern`, and runs of classes without line ends and without the stops.
// NFC composes nothing over any of these places, and by the conditions below no added token reaches
// over the cut or asks what stands on its other side.
//
// A vocabulary of characters has no words, but merges none of its pieces over a mark for a space
// that follows a letter, if it has no such piece: then the first kind of cut holds for it too, as
// long as the part behind the cut is not taken for the beginning of a text.

extension Pretokenizer {
  /// Whether words end before a space between two ASCII letters, whatever the text around.
  var endsWordsBeforeSpaces: Bool {
    var hasWords = false
    for step in steps {
      switch step {
      case .split: hasWords = true
      case .runs(let run, _):
        guard run.isWithoutSpaces else { return false }
        hasWords = hasWords || run.takesASCIIWords
      case .digits: break
      case .prefixSpace, .whitespace, .literal, .metaspace: return false
      }
    }
    return hasWords
  }

  /// The splits by known patterns, where no other step takes one of these scalars; else empty.
  fileprivate func patterns(apartFrom scalars: [UInt32]) -> [SplitPattern] {
    var patterns: [SplitPattern] = []
    for step in steps {
      switch step {
      case .split(let pattern, _): patterns.append(pattern)
      case .runs(let run, _):
        let classes = [run.body] + (run.lead.map { [$0] } ?? [])
        guard !classes.contains(where: { scalars.contains(where: $0.contains) }) else { return [] }
      case .digits: break
      case .prefixSpace, .whitespace, .literal, .metaspace: return []
      }
    }
    return patterns
  }

  /// Whether what comes of a part that begins with a mark for a space does not depend on what stood
  /// before it.
  ///
  /// - Parameter replaced: whether spaces are marks before it comes to words.
  fileprivate func keepsMarks(replaced: Bool) -> Bool {
    steps.allSatisfy { step in
      switch step {
      case .metaspace(let metaspace): metaspace.mark == SentencePieceNormalizer.mark
      case .literal(let literal, _): replaced && literal == [0x20]
      case .split, .runs, .digits, .prefixSpace, .whitespace: false
      }
    }
  }
}

extension AddedToken {
  /// Whether it can reach over a space between two ASCII letters, take such a space along, or start
  /// with it and depend on the letter before.
  var reachesOverSpaces: Bool {
    stripsRight || isSingleWord && content.first == 0x20
      || holds { $1 == 0x20 && $0 | 0x20 >= 0x61 }
  }

  /// The same for a line end before a letter.
  fileprivate var reachesOverLines: Bool {
    let ends: [UInt8] = [0x0A, 0x0D]
    return stripsRight || stripsLeft && !beginsWithSign
      || isSingleWord && content.last.map(ends.contains) == true
      || holds { ends.contains($0) && !($0 == $1) }
  }

  /// The same for an ideographic stop.
  fileprivate var reachesOverStops: Bool {
    TextCuts.stops.contains { stop in
      var spelling: [UInt8] = []
      UTF8Scan.append(stop, to: &spelling)
      return content.indices.contains {
        content[$0...].starts(with: spelling) && ($0 > 0 || isSingleWord)
      }
    }
  }

  private func holds(_ pair: (UInt8, UInt8) -> Bool) -> Bool {
    zip(content, content.dropFirst()).contains(where: pair)
  }

  /// Whether it starts with an ASCII sign, which neither a letter nor white space is.
  private var beginsWithSign: Bool {
    content.first.map { (0x21...0x7E).contains($0) && !($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) }
      ?? true
  }
}

extension Tokenizer.Parts {
  /// Where texts may be cut so that the parts give the ids of the whole.
  var cuts: TextCuts {
    switch model {
    case .byteLevel: byteLevelCuts
    case .characters(let model): TextCuts(beforeSpaces: cutsCharacters(model))
    case .unigram: TextCuts()
    }
  }

  private var byteLevelCuts: TextCuts {
    let composesAtMost = normalizer.steps.allSatisfy {
      if case .compose = $0 { true } else { false }
    }
    guard composesAtMost else { return TextCuts() }
    let patterns = pretokenizer.patterns(apartFrom: [0x0A, 0x0D])
    return TextCuts(
      beforeSpaces: pretokenizer.endsWordsBeforeSpaces
        && !addedTokens.contains(where: \.reachesOverSpaces),
      behindLines: !patterns.isEmpty && !addedTokens.contains(where: \.reachesOverLines),
      joinsLineEnds: !patterns.contains(.gpt2),
      beforeStops: !pretokenizer.patterns(apartFrom: TextCuts.stops).isEmpty
        && !addedTokens.contains(where: \.reachesOverStops))
  }

  private func cutsCharacters(_ model: CharacterPairModel) -> Bool {
    let mark = SentencePieceNormalizer.mark
    var replaces = false
    for step in normalizer.steps {
      switch step {
      case .prepend(let prefix) where prefix == mark && !replaces: break
      case .replace([0x20], with: let new) where new == mark: replaces = true
      default: return false
      }
    }
    let marksSpaces =
      replaces
      || pretokenizer.steps.contains {
        if case .metaspace = $0 { true } else { false }
      }
    // A part behind a token begins as the rest of a text does, so none may end at a cut; and none
    // may be looked for once spaces are marks.
    return marksSpaces && pretokenizer.keepsMarks(replaced: replaces)
      && model.startsPartsAtMarksBehindLetters
      && addedTokens.allSatisfy { token in
        !token.reachesOverSpaces && !token.stripsLeft
          && !(token.content.last.map { $0 &- UInt8(ascii: "a") < 26 } ?? false)
          && (!token.isNormalized || token.isFreeOfMarks)
      }
  }
}

extension AddedToken {
  /// Whether nothing in it stands for a space, before or after normalizing.
  fileprivate var isFreeOfMarks: Bool {
    !isSingleWord && !content.contains(0x20) && !content.contains(SentencePieceNormalizer.mark[0])
  }
}
