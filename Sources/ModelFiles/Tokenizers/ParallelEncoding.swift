// Encoding one long text on several threads, with the same ids as on one.
//
// A text is cut before a space that stands between two ASCII letters, the first a small one, and only
// for byte-level tokenizers with a step that ends words there: a `SplitPattern` or a run of a
// class that has all ASCII letters and no space. No match of any step goes on past the first letter or
// looks behind it, behind the step with the words the next one starts at the space, NFC composes
// nothing across a space, and by the conditions below no added token reaches over the cut or asks
// what stands before it.

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
}

extension AddedToken {
  /// Whether it can reach over a space between two ASCII letters, take such a space along, or start
  /// with it and depend on the letter before.
  var reachesOverSpaces: Bool {
    stripsRight || isSingleWord && content.first == 0x20
      || zip(content, content.dropFirst()).contains { $1 == 0x20 && $0 | 0x20 >= 0x61 }
  }
}

extension Tokenizer.Parts {
  /// Whether parts of a text cut before spaces between ASCII letters give the ids of the whole.
  var cutsBeforeSpaces: Bool {
    guard case .byteLevel = model, pretokenizer.endsWordsBeforeSpaces else { return false }
    let composesAtMost = normalizer.steps.allSatisfy {
      if case .compose = $0 { true } else { false }
    }
    return composesAtMost && !addedTokens.contains(where: \.reachesOverSpaces)
  }
}

/// Where a text may be cut.
enum TextCuts {
  /// The ranges of parts of about `size` bytes that end before spaces between ASCII letters.
  static func parts(of text: UnsafeBufferPointer<UInt8>, size: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    while text.count - start > size, let cut = cut(text, from: start + size) {
      parts.append(start..<cut)
      start = cut
    }
    if start < text.count { parts.append(start..<text.count) }
    return parts
  }

  private static func cut(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var position = max(start, 1)
    while position + 1 < text.count {
      if text[position] == 0x20, text[position - 1] &- UInt8(ascii: "a") < 26,
        (text[position + 1] | 0x20) &- UInt8(ascii: "a") < 26
      {
        return position
      }
      position += 1
    }
    return nil
  }
}
