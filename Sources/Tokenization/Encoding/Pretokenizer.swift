import ModelFiles

/// Cuts text into the words that the model encodes each by itself.
struct Pretokenizer: Sendable {
  enum Step: Sendable, Equatable {
    /// Every match is a word; what lies between is one too, or is left out.
    case split(SplitPattern, keepsRest: Bool)
    /// The same for a pattern that the file spells.
    case runs(ClassRun, keepsRest: Bool)
    /// Digits are words, one by one or run by run; so is what lies between.
    case digits(individual: Bool)
    /// Puts a space before text that does not start with one.
    case prefixSpace
    /// Words are what stands between white space.
    case whitespace
    case literal([UInt8], LiteralBehavior)
    case metaspace(Metaspace)
  }

  /// What becomes of the occurrences of a string that text is split at.
  enum LiteralBehavior: String, Sendable {
    case isolated = "Isolated"
    case removed = "Removed"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
  }

  /// Marks in the place of spaces, and words that start at marks.
  struct Metaspace: Sendable, Equatable {
    enum Scheme: String, Sendable {
      /// Where the text as given begins.
      case first
      case always
      case never
    }
    var mark = SentencePieceNormalizer.mark
    /// Where a mark is put before text that does not start with one.
    var prepends = Scheme.always
    /// Whether every mark begins a word.
    var splits = true
  }

  /// Applied in order, each to every word of the one before.
  var steps: [Step]

  /// Encodes the words of `text` one after another, until the output is full.
  ///
  /// - Parameters:
  ///   - text: well-formed and not empty.
  ///   - isBeginning: whether the text as given begins here.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, isBeginning: Bool, with model: some SubwordModel,
    to scratch: EncodingScratch
  ) {
    guard let base = text.baseAddress else { return }
    let pass = Pass(
      steps: steps, model: model, scratch: scratch, readable: text.count,
      isBeginning: isBeginning)
    pass.encode(TextView(text, base: base), from: 0, step: 0)
  }

  /// One walk over one text, which lies in memory up to `readable`.
  private struct Pass<Model: SubwordModel> {
    let steps: [Step]
    let model: Model
    let scratch: EncodingScratch
    let readable: Int
    let isBeginning: Bool

    /// Encodes from `start` to the end of `text`, all of which the next step takes for its text.
    func encode(_ text: TextView, from start: Int, step: Int) {
      guard step < steps.count else {
        model.append(
          text.base + start, length: text.end - start, readable: readable - start, to: scratch)
        return
      }
      switch steps[step] {
      case .split(let pattern, let keepsRest):
        split(text, from: start, step: step, keepsRest: keepsRest) { position in
          pattern.match(text, at: position)
        }
      case .runs(let run, let keepsRest):
        split(text, from: start, step: step, keepsRest: keepsRest) { position in
          run.match(text, at: position)
        }
      case .digits(let individual):
        let digit = UnicodeSet.digit.rawValue
        split(text, from: start, step: step, keepsRest: true) { position in
          let (set, next) = text.look(position)
          if set & digit == 0 { return position }
          return individual ? next : text.run(of: digit, from: next)
        }
      case .prefixSpace: prefixSpace(text, from: start, step: step)
      case .whitespace:
        let space = UnicodeSet.space.rawValue
        split(text, from: start, step: step, keepsRest: false) { position in
          text.run(outside: space, from: position)
        }
      case .literal(let literal, let behavior):
        cut(text, from: start, step: step, at: literal, behavior)
      case .metaspace(let metaspace): mark(text, from: start, step: step, metaspace)
      }
    }

    @inline(__always)
    private func split(
      _ text: TextView, from start: Int, step: Int, keepsRest: Bool, match: (Int) -> Int
    ) {
      var part = text
      var pending = start
      var position = start
      while position < text.end {
        let end = match(position)
        if end == position {
          position = text.look(position).next
          continue
        }
        if pending < position, keepsRest {
          part.end = position
          encode(part, from: pending, step: step + 1)
          // What lies between was not all encoded: what follows would leave a hole.
          if scratch.isFull { return }
        }
        part.end = end
        encode(part, from: position, step: step + 1)
        if scratch.isFull { return }
        position = end
        pending = end
      }
      if pending < text.end, keepsRest { encode(text, from: pending, step: step + 1) }
    }

    private func prefixSpace(_ text: TextView, from start: Int, step: Int) {
      guard text.base[start] != 0x20 else { return encode(text, from: start, step: step + 1) }
      encode(copy: [0x20] + part(of: text, from: start), of: start) { pass, copy in
        pass.encode(copy, from: 0, step: step + 1)
      }
    }

    private func mark(_ text: TextView, from start: Int, step: Int, _ metaspace: Metaspace) {
      let mark = metaspace.mark
      var marked: [UInt8] = []
      marked.reserveCapacity((text.end - start) / 2 * 3 + 8)
      for byte in part(of: text, from: start) {
        if byte == 0x20 { marked.append(contentsOf: mark) } else { marked.append(byte) }
      }
      let prepends =
        switch metaspace.prepends {
        case .always: true
        case .first: isBeginning && start == 0
        case .never: false
        }
      if prepends, !marked.starts(with: mark) { marked.insert(contentsOf: mark, at: 0) }
      encode(copy: marked, of: start) { pass, copy in
        if metaspace.splits {
          pass.cut(copy, from: 0, step: step, at: mark, .mergedWithNext)
        } else {
          pass.encode(copy, from: 0, step: step + 1)
        }
      }
    }

    /// Goes on with what a step put in the place of the text from `start` on.
    private func encode(
      copy: [UInt8], of start: Int, _ body: (_ pass: Self, _ text: TextView) -> Void
    ) {
      copy.withUnsafeBufferPointer { copy in
        guard let base = copy.baseAddress, !copy.isEmpty else { return }
        let pass = Pass(
          steps: steps, model: model, scratch: scratch, readable: copy.count,
          isBeginning: isBeginning && start == 0)
        body(pass, TextView(copy, base: base))
      }
    }

    private func part(of text: TextView, from start: Int) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(start: text.base + start, count: text.end - start)
    }

    private func cut(
      _ text: TextView, from start: Int, step: Int, at literal: [UInt8],
      _ behavior: LiteralBehavior
    ) {
      guard let lead = literal.first else { return encode(text, from: start, step: step + 1) }
      var pending = start
      func take(upTo end: Int) {
        guard end > pending, !scratch.isFull else { return }
        var part = text
        part.end = end
        encode(part, from: pending, step: step + 1)
        pending = end
      }
      var position = start
      while position < text.end {
        guard text.base[position] == lead, text.end - position >= literal.count,
          (1..<literal.count).allSatisfy({ text.base[position + $0] == literal[$0] })
        else {
          position += 1
          continue
        }
        let end = position + literal.count
        if behavior != .mergedWithPrevious { take(upTo: position) }
        switch behavior {
        case .isolated, .mergedWithPrevious: take(upTo: end)
        case .removed: pending = end
        case .mergedWithNext: break
        }
        if scratch.isFull { return }
        position = end
      }
      take(upTo: text.end)
    }
  }
}
