import Results

/// What the report's script shows of a captured prompt: tokens, attention maps, key norms.
///
/// An attention score `a` is kept as `round(255 · √a)`, so it comes back within `0.004 · √a`. A map
/// is its lower triangle row by row, and the maps of one layer are one zlib stream.
struct PromptData {
  /// How much of a capture a page holds.
  struct Limits {
    /// Base64 of all maps together.
    var characters = leastCharacters
    /// Scores of all maps before compression.
    var scores = 8_000_000
    var tokens = 512
    /// Where so many tokens do not fit, heads are left out.
    var fewestTokens = 64

    /// What a page has for maps however large the rest of it is.
    static let leastCharacters = 1_700_000
  }

  /// Longer texts of a token are cut.
  static let maximumCharacters = 200

  let capture: PromptCapture
  /// Tokens shown, counted from the prompt's first.
  let tokens: Int
  /// Heads shown of each layer, counted from its first captured one.
  let heads: Int
  /// Of each captured layer, base64 of its maps; empty where no attention was captured.
  let maps: [String]

  init?(_ capture: PromptCapture, limits: Limits = Limits()) {
    let layers = capture.layers.count
    guard layers > 0, !capture.heads.isEmpty, !capture.tokens.isEmpty, capture.model.kvHeads > 0,
      capture.groupSize > 0,
      capture.arrays.attention != nil || capture.arrays.keyNorms != nil
    else { return nil }
    self.capture = capture
    let longest = min(capture.tokens.count, limits.tokens)
    let shortest = min(longest, limits.fewestTokens)
    let heads = min(
      capture.heads.count, max(1, limits.scores / (layers * Self.triangle(shortest))))
    var tokens = longest
    while tokens > 1, heads * layers * Self.triangle(tokens) > limits.scores { tokens -= 1 }
    var maps = Self.packed(capture, heads: heads, tokens: tokens)
    while tokens > 16, case let size = maps.reduce(0, { $0 + $1.utf8.count }),
      size > limits.characters
    {
      let share = (Double(limits.characters) / Double(size)).squareRoot() * 0.97
      tokens = max(16, min(tokens - 1, Int(Double(tokens) * share)))
      maps = Self.packed(capture, heads: heads, tokens: tokens)
    }
    self.heads = heads
    self.tokens = tokens
    self.maps = maps
  }

  private static func triangle(_ tokens: Int) -> Int { tokens * (tokens + 1) / 2 }

  private static func packed(_ capture: PromptCapture, heads: Int, tokens: Int) -> [String] {
    guard capture.arrays.attention != nil else { return [] }
    return capture.layers.indices.map { layer in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(heads * triangle(tokens))
      for head in 0..<heads {
        for query in 0..<tokens {
          let row = capture.attentionRow(layer: layer, head: head, query: query) ?? []
          for score in row {
            let share = score.isFinite ? min(max(score, 0), 1).squareRoot() : 0
            bytes.append(UInt8((share * 255).rounded()))
          }
        }
      }
      return Base64.deflated(bytes)
    }
  }

  var json: String {
    let groupSize = capture.groupSize
    let kvHeads = Array(Set(capture.heads.prefix(heads).map { $0 / groupSize })).sorted()
    return JSONText.object([
      ("total", "\(capture.tokens.count)"),
      ("tokens", JSONText.array(capture.tokens.prefix(tokens).map { JSONText.string(text($0)) })),
      ("layers", JSONText.integers(capture.layers.map(\.layer))),
      ("windows", JSONText.numbers(capture.layers.map { $0.window.map(Double.init) })),
      ("heads", JSONText.integers(Array(capture.heads.prefix(heads)))),
      (
        "kvHead",
        JSONText.integers(
          capture.heads.prefix(heads).map { kvHeads.firstIndex(of: $0 / groupSize) ?? 0 })
      ),
      ("kvHeads", "\(kvHeads.count)"),
      ("maps", maps.isEmpty ? "null" : JSONText.array(maps.map { "\"\($0)\"" })),
      ("norms", norms(kvHeads: kvHeads)),
    ])
  }

  /// (layers, KV heads, tokens)
  private func norms(kvHeads: [Int]) -> String {
    guard capture.arrays.keyNorms != nil else { return "null" }
    var packed = PackedRows(columns: tokens)
    for layer in capture.layers.indices {
      for kvHead in kvHeads {
        let head = capture.heads.firstIndex { $0 / capture.groupSize == kvHead } ?? 0
        let norms = capture.keyNorms(layer: layer, head: head) ?? []
        packed.append(Array(norms.prefix(tokens)))
      }
    }
    return packed.json
  }

  /// What a token adds to the text; its label where its bytes alone are no text. What is not seen,
  /// direction marks among it, is spelled out, but for line breaks and tabs, which lay the text
  /// out.
  private func text(_ token: CapturedToken) -> String {
    guard !token.bytes.isEmpty, let text = String(validating: token.bytes, as: UTF8.self) else {
      return LabelText.visible(String(token.label.prefix(Self.maximumCharacters)))
    }
    return text.prefix(Self.maximumCharacters).map { character in
      character == "\n" || character == "\t"
        ? String(character) : LabelText.visible(String(character))
    }.joined()
  }

  /// What is not shown, as a sentence; empty where all is.
  var omission: String {
    var parts: [String] = []
    if tokens < capture.tokens.count {
      parts.append(
        "the first \(tokens) of \(NumberText.grouped(capture.tokens.count)) tokens")
    }
    if heads < capture.heads.count {
      parts.append("the first \(heads) of \(capture.heads.count) captured heads of each layer")
    }
    return parts.isEmpty
      ? "" : "To keep this page small it shows \(parts.joined(separator: " and "))."
  }
}
