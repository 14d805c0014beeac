import ModelFiles
import Tokenization

/// Passkey retrieval (Mohtashami and Jaggi, "Landmark attention", 2023): a number hidden in text that
/// says nothing.
///
/// Five lines: the task, garbage, the number, garbage, the question. Seed and length decide where
/// the number stands and which it is. Right are answers whose first ids are those that the
/// tokenizer has for the number behind a space, as the question's last word is followed by one in
/// running text; tokenizers that make a space part of the next word give it so.
public struct Passkey: EvaluationTask {
  public static let name = "passkey"
  public static let axes = ["length"]
  /// `accuracy` is 1 where the ids are right. `spoken` is 1 where the text begins with the number,
  /// whatever white space stands before it and whichever ids spell it.
  public static let scores: [(name: String, most: Double)] = [("accuracy", 1), ("spoken", 1)]

  /// How long the texts are.
  public enum Lengths: Sendable, Equatable {
    /// Characters of garbage.
    case characters([Int])
    /// Tokens that the prompt has at most, chat template included; the garbage is as long as that
    /// allows, character by character.
    case tokens([Int])
  }

  public var lengths: Lengths
  public var seeds: [UInt64]

  /// The paper's 32 lengths: about 3.75 characters a token for 1000 to 32000 tokens, in whole
  /// blocks of 1024.
  public static let paperLengths = Lengths.characters((1...32).map { $0 * 3750 / 1024 * 1024 })

  /// The paper's ten seeds, 0 to 9. Its numbers come from NumPy's Mersenne Twister, these do not.
  public static let paperSeeds = Array(UInt64(0)...9)

  public init(lengths: Lengths = paperLengths, seeds: [UInt64] = paperSeeds) {
    self.lengths = lengths
    self.seeds = seeds
  }

  static let description =
    "There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. "
    + "I will quiz you about the important information there."
  static let question = "What is the pass key?"
  /// What the answer goes on from: in a chat it stands behind the answer's header.
  static let answerPrefix = " The pass key is"

  /// The garbage, repeated with single spaces, up to so many characters.
  static func garbage(_ characters: Int) -> String {
    let block = Filler.sentences + " "
    let count = max(characters, 0)
    let text = String(repeating: block, count: count / block.utf8.count + 1)
    return String(decoding: text.utf8.prefix(count), as: UTF8.self)
  }

  /// What one item hides, and where.
  struct Draw {
    /// Characters of garbage before it and behind it.
    let prefix: Int
    let suffix: Int
    let key: Int

    /// - Parameter label: the length that was asked for, which makes the lots of each length its own.
    init(seed: UInt64, label: Int, characters: Int) {
      var draws = TaskDraws(seed: seed, label)
      prefix = draws.below(characters)
      suffix = characters - prefix
      key = draws.number(1...49_999)
    }

    /// The five lines, up to the beginning of the answer.
    var prompt: String {
      [
        Passkey.description, Passkey.garbage(prefix),
        "The pass key is \(key). Remember it. \(key) is the pass key.", Passkey.garbage(suffix),
        Passkey.question,
      ].joined(separator: "\n")
    }
  }

  public func items(_ encoder: PromptEncoder) throws(TaskError) -> [TaskItem] {
    var items: [TaskItem] = []
    let (asked, isTokens) =
      switch lengths {
      case .characters(let counts): (counts, false)
      case .tokens(let counts): (counts, true)
      }
    for label in asked {
      guard encoder.holds(isTokens ? label : max(label / Self.mostCharactersPerToken, 1)) else {
        continue
      }
      for seed in seeds {
        let characters = isTokens ? try fitting(label, seed: seed, encoder) : label
        let draw = Draw(seed: seed, label: label, characters: characters)
        let ids = try Self.answerIDs(draw.key, encoder.tokenizer)
        let prompt = draw.prompt
        let count = try encoder.count(prompt, answerPrefix: Self.answerPrefix)
        guard encoder.holds(count + ids.count) else { continue }
        items.append(
          TaskItem(
            id: "\(label).\(seed)",
            coordinates: [
              .init("length", .int(label)), .init("tokens", .int(count)),
              .init("garbage", .int(characters)), .init("prefix", .int(draw.prefix)),
              .init("seed", .int(Int(clamping: seed))), .init("key", .int(draw.key)),
            ],
            prompt: prompt, answerPrefix: Self.answerPrefix, maxNewTokens: ids.count,
            answers: ["\(draw.key)"], answerIDs: ids))
      }
    }
    guard !items.isEmpty else { throw .noLengths(task: Self.name) }
    return items
  }

  /// No tokenizer has so many characters of garbage a token.
  private static let mostCharactersPerToken = 16

  /// The most garbage whose prompt has no more tokens than asked for.
  private func fitting(
    _ tokens: Int, seed: UInt64, _ encoder: PromptEncoder
  ) throws(TaskError) -> Int {
    func count(_ characters: Int) throws(TaskError) -> Int {
      try encoder.count(
        Draw(seed: seed, label: tokens, characters: characters).prompt,
        answerPrefix: Self.answerPrefix)
    }
    let least = try count(0)
    guard least <= tokens else {
      throw .lengthTooShort(task: Self.name, length: tokens, needed: least)
    }
    // Every so many characters cost what they cost on average; the search begins around that.
    let perCharacter = Double(max(try count(4096) - least, 1)) / 4096
    let guess = Double(tokens - least) / perCharacter
    let bound = tokens * Self.mostCharactersPerToken
    var search = LargestFit(
      task: Self.name, low: min(Int(guess * 0.95), bound),
      high: min(Int(guess * 1.05) + 64, bound),
      bound: bound)
    if try count(search.low) > tokens { search.low = 0 }
    return try search.find { (size) throws(TaskError) in try count(size) <= tokens }
  }

  /// The ids of the number behind a space that follows the question.
  static func answerIDs(_ key: Int, _ tokenizer: Tokenizer) throws(TaskError) -> [Int32] {
    let text = question + answerPrefix
    let before = tokenizer.encode(text)
    let ids = tokenizer.encode("\(text) \(key)")
    // A tokenizer that joins the number with the word before it would not let it be told apart.
    let answer =
      ids.starts(with: before)
      ? Array(ids.dropFirst(before.count)) : tokenizer.encode(" \(key)")
    guard !answer.isEmpty else { throw .unwritableAnswer("\(key)") }
    return answer
  }

  public func scores(of response: TaskResponse, to item: TaskItem) -> [TaskScore] {
    let text = response.text.drop(while: \.isWhitespace)
    // "123" is no "12".
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    return [
      TaskScore("accuracy", response.ids.starts(with: item.answerIDs) ? 1 : 0),
      TaskScore("spoken", item.answers.contains(String(digits)) ? 1 : 0),
    ]
  }
}

/// Sentences that say nothing, which passkey retrieval and RULER hide things between.
enum Filler {
  static let sentences =
    "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again."
}
