/// Cuts text into the words that the model encodes each by itself.
struct Pretokenizer: Sendable {
  enum Step: Sendable, Equatable {
    /// Every match is a word; what lies between is one too, or is left out.
    case split(SplitPattern, keepsRest: Bool)
    /// Digits are words, one by one or run by run; so is what lies between.
    case digits(individual: Bool)
    /// Puts a space before text that does not start with one.
    case prefixSpace
  }

  /// Applied in order, each to every word of the one before.
  var steps: [Step]

  /// Encodes the words of `text` one after another, until the output is full.
  ///
  /// - Parameter text: well-formed and not empty.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, with model: some SubwordModel, to scratch: EncodingScratch
  ) {
    guard let base = text.baseAddress else { return }
    let pass = Pass(steps: steps, model: model, scratch: scratch, readable: text.count)
    pass.encode(TextView(text, base: base), from: 0, step: 0)
  }

  /// One walk over one text, which lies in memory up to `readable`.
  private struct Pass<Model: SubwordModel> {
    let steps: [Step]
    let model: Model
    let scratch: EncodingScratch
    let readable: Int

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
      case .digits(let individual):
        let digit = UnicodeSet.digit.rawValue
        split(text, from: start, step: step, keepsRest: true) { position in
          let (set, next) = text.look(position)
          if set & digit == 0 { return position }
          return individual ? next : text.run(of: digit, from: next)
        }
      case .prefixSpace: prefixSpace(text, from: start, step: step)
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
      let part = UnsafeBufferPointer(start: text.base + start, count: text.end - start)
      ([0x20] + part).withUnsafeBufferPointer { spaced in
        guard let base = spaced.baseAddress else { return }
        let pass = Pass(steps: steps, model: model, scratch: scratch, readable: spaced.count)
        pass.encode(TextView(spaced, base: base), from: 0, step: step + 1)
      }
    }
  }
}
