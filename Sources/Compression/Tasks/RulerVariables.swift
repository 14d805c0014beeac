/// RULER's variable tracking: a number given to a variable, that variable to another, and so on, and
/// the question which variables have the number.
///
/// An example with its answer stands before the question, as RULER has it.
struct RulerVariables: RulerForm {
  let maxNewTokens = 30
  /// Parts of the example's text.
  let exampleSize: Int

  /// Times that the value is handed on.
  private static let hops = 4
  /// Letters of a variable's name, and of one in the example.
  private static let letters = 5
  private static let exampleLetters = 3
  /// RULER's bound on the example.
  static let exampleTokens = 500

  /// - Parameter exampleTokens: what the example may have.
  init(exampleTokens: Int, _ encoder: PromptEncoder) throws(TaskError) {
    // The example stands within the question's prompt: nothing is put around it.
    let bare = PromptEncoder(tokenizer: encoder.tokenizer)
    var size = Self.hops + 1
    while true {
      var draws = TaskDraws(seed: 0)
      let text = Self.question(size: size + 1, letters: Self.exampleLetters, &draws)
      let count = try bare.count(text.prompt, answerPrefix: text.answerPrefix)
      if count > exampleTokens { break }
      guard size < exampleTokens else { throw .countlessText(task: Ruler.name, size: size) }
      size += 1
    }
    exampleSize = size
  }

  var leastSize: Int { Self.hops + 1 }

  func text(size: Int, _ draws: inout TaskDraws) -> RulerText {
    let example = Self.question(size: exampleSize, letters: Self.exampleLetters, &draws)
    var text = Self.question(size: size, letters: Self.letters, &draws)
    let answer = example.answers.joined(separator: " ")
    text.prompt = "\(example.prompt)\(example.answerPrefix) \(answer)\n\n\(text.prompt)"
    return text
  }

  private static func question(
    size: Int, letters: Int, _ draws: inout TaskDraws
  ) -> RulerText {
    let names = RulerWords.distinct(hops + 1, &draws) {
      RulerWords.letters(letters, from: "A", &$0)
    }
    let value = "\(draws.number(10_000...99_998))"
    // The space behind the later ones is RULER's.
    let chain =
      ["VAR \(names[0]) = \(value)"]
      + zip(names.dropFirst(), names).map { "VAR \($0) = VAR \($1) " }
    let places = draws.distinct(chain.count, below: size).sorted()
    var lines: [String] = []
    var taken = 0
    for line in 0..<size {
      if taken < places.count, places[taken] == line {
        lines.append(chain[taken])
        taken += 1
      }
      lines.append(Filler.sentences)
    }
    return framed(lines.joined(separator: "\n"), value: value, names: names)
  }

  /// Puts RULER's words around a context.
  static func framed(_ context: String, value: String, names: [String]) -> RulerText {
    RulerText(
      prompt:
        "Memorize and track the chain(s) of variable assignment hidden in the following text.\n"
        + "\n\(context)\nQuestion: Find all variables that are assigned the value \(value) in the "
        + "text above.",
      answerPrefix: " Answer: According to the chain(s) of variable assignment in the text above, "
        + "\(names.count) variables are assigned the value \(value), they are: ",
      answers: names)
  }
}
