import Tokenization

/// The text of ids as they come: what may still change waits.
struct TextStream {
  private let decode: ([Int32]) -> String
  /// In scalars, since what comes may join a character that was shown, as an accent does.
  private var shown = String.UnicodeScalarView()

  init(tokenizer: Tokenizer) {
    self.init { tokenizer.decode($0, skippingSpecialTokens: true) }
  }

  /// - Parameter decode: the text of all ids so far.
  init(decode: @escaping ([Int32]) -> String) { self.decode = decode }

  /// What is new of the text of all ids so far; a character that is not whole yet waits.
  mutating func next(_ ids: [Int32]) -> String {
    let text = decode(ids)
    if text.unicodeScalars.last == "\u{FFFD}" { return "" }
    return advance(to: text)
  }

  /// What is left at the end.
  mutating func rest(_ ids: [Int32]) -> String { advance(to: decode(ids)) }

  private mutating func advance(to text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.starts(with: shown) else { return "" }
    let new = String(scalars.dropFirst(shown.count))
    shown = scalars
    return new
  }
}
