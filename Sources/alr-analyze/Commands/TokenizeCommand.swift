import Foundation
import ModelFiles
import Tokenization

extension Command {
  /// `tokenize MODEL [FILE…]`: the ids of each text on one line, or texts of ids.
  static let tokenize = Command(
    spec: CommandSpec(
      name: "tokenize",
      summary: "show the token ids of texts, one line a text, or texts of ids",
      positionals: [
        PositionalSpec(
          name: "MODEL", help: "a model as analyze takes it, or a tokenizer.json; needs no weights"),
        PositionalSpec(
          name: "FILE", help: "texts, each one line of ids; standard input where none is named",
          arity: .any),
      ],
      options: [
        .flag("special", "add the special tokens that the tokenizer puts around a text"),
        .flag("pieces", "show pieces of the vocabulary instead of ids or text"),
        .flag("decode", "show the text of ids: files hold what tokenize prints, a text a line"),
        .flag("skip-special", "leave special tokens out of decoded text"),
        .pre,
        .flag("json", "print a JSON array, one object a text"),
      ],
      examples: [
        "alr-analyze tokenize ./SmolLM2-135M notes.txt",
        "alr-analyze tokenize model.gguf --special --pieces",
        "alr-analyze tokenize model.gguf ids.txt --decode",
      ]),
    run: { arguments, console in
      let (decodes, skips) = (arguments.has("decode"), arguments.has("skip-special"))
      if decodes, arguments.has("special") {
        throw UsageError.conflictingOptions("decode", "special")
      }
      if skips, !decodes { throw UsageError.missingOption("decode", neededBy: "skip-special") }
      let tokenizer = try ModelTokenizer.load(
        arguments.positionals[0], pre: arguments.value("pre"), console)
      var listing = TokenListing(
        tokenizer: tokenizer, console: console, isJSON: arguments.has("json"),
        showsPieces: arguments.has("pieces"))
      let named = arguments.positionals.dropFirst()
      for path in named { try WrongKind.checkText(path) }
      let interruption = console.interruption
      for path in named.isEmpty ? ["-"] : named {
        if decodes {
          try TokenIDText.forEachLine(
            ofFile: path, vocabularySize: tokenizer.vocabularySize,
            isCancelled: { interruption.isRequested }
          ) {
            try listing.add(
              $0, text: tokenizer.decode($0, skippingSpecialTokens: skips), of: path)
          }
          continue
        }
        var text = try Corpus.contents(
          of: path, limit: Corpus.longestText, isCancelled: { interruption.isRequested })
        if let repaired = repairedUTF8(text) {
          text = repaired.text
          console.warn(
            "\(repaired.replacements) parts of \(path) are not UTF-8 and are read as U+FFFD")
        }
        var ids = tokenizer.encode(
          text, threads: ProcessInfo.processInfo.activeProcessorCount)
        if arguments.has("special") {
          ids = tokenizer.specialPrefix + ids + tokenizer.specialSuffix
        }
        try listing.add(ids, of: path)
      }
      try listing.finish()
    })
}

/// Prints the tokens of one text after another.
private struct TokenListing {
  let tokenizer: Tokenizer
  let console: Console
  let isJSON: Bool
  let showsPieces: Bool
  private var objects: [JSONValue] = []

  init(tokenizer: Tokenizer, console: Console, isJSON: Bool, showsPieces: Bool) {
    self.tokenizer = tokenizer
    self.console = console
    self.isJSON = isJSON
    self.showsPieces = showsPieces
  }

  /// - Parameter text: what the ids were decoded to.
  mutating func add(_ ids: [Int32], text: String? = nil, of path: String) throws {
    let pieces = showsPieces ? ids.map { tokenizer.piece($0) ?? "" } : nil
    guard isJSON else {
      if let pieces {
        return try console.print(pieces.map(Console.line).joined(separator: " "))
      }
      return try console.print(
        text.map(shown) ?? ids.map { "\($0)" }.joined(separator: " "))
    }
    var members: [JSONValue.Member] = [
      .init("file", .string(path)), .init("ids", .array(ids.map { .int(Int($0)) })),
    ]
    if let text { members.append(.init("text", .string(text))) }
    if let pieces { members.append(.init("pieces", .array(pieces.map(JSONValue.string)))) }
    objects.append(.object(members))
  }

  func finish() throws {
    guard isJSON else { return }
    try console.print(.array(objects))
  }

  /// Files and pipes get the text as it is, a terminal no escape sequences of strangers.
  private func shown(_ text: String) -> String {
    guard console.outputTerminal.isInteractive else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Console.line(String($0)) }.joined(separator: "\n")
  }
}
