import Tokenization

/// Makes the ids that a model reads of an item's texts.
public struct PromptEncoder: Sendable {
  public let tokenizer: Tokenizer
  /// How a model that was trained on chats is asked; `nil` for the bare text.
  public let chat: ChatTemplate?
  /// Positions that the model knows, or that it shall be held to; `nil` for any number.
  public let range: Int?

  public init(tokenizer: Tokenizer, chat: ChatTemplate? = nil, range: Int? = nil) {
    self.tokenizer = tokenizer
    self.chat = chat
    self.range = range
  }

  /// The ids of a prompt, and of the beginning of its answer behind it.
  ///
  /// Without a chat template the text stands between what the tokenizer itself puts around it, but
  /// for an EOS at its end; with one it is the message of a user, and the template says what begins
  /// a text.
  public func ids(_ prompt: String, answerPrefix: String = "") throws(ChatError) -> [Int32] {
    try ids(prompt, answerPrefix: answerPrefix, limit: .max)
  }

  private func ids(
    _ prompt: String, answerPrefix: String, limit: Int
  ) throws(ChatError) -> [Int32] {
    guard let chat else {
      return tokenizer.specialPrefix + tokenizer.encode(prompt + answerPrefix, limit: limit)
    }
    return tokenizer.encode(
      try chat.prompt([ChatMessage(.user, prompt)]) + answerPrefix, limit: limit)
  }

  /// The ids of an item, at most as many as leave room for its answer.
  ///
  /// Of more the first half stays and the last half, rounded down, as LongBench has it. It cuts the
  /// prompt before a chat template is put around it: so does this. It then decodes the halves and
  /// encodes their text; without a chat template the ids are left as they are here. A range without
  /// room for anything leaves no ids, or those of the template alone.
  public func ids(of item: TaskItem) throws(ChatError) -> [Int32] {
    let ids = try ids(item.prompt, answerPrefix: item.answerPrefix)
    guard let range, ids.count > range - item.maxNewTokens else { return ids }
    let most = max(range - item.maxNewTokens, 0)
    guard chat != nil else { return Self.middleCut(ids, to: most) }
    let inner = tokenizer.encode(item.prompt)
    var room = max(most - (ids.count - inner.count), 0)
    while true {
      let halves = (inner.prefix(room / 2), inner.suffix(room / 2))
      let text = tokenizer.decode(Array(halves.0)) + tokenizer.decode(Array(halves.1))
      let cut = try self.ids(text, answerPrefix: item.answerPrefix)
      // The seam may need a token more than the halves had.
      guard cut.count > most, room > 1 else { return cut }
      room = max(room - max(cut.count - most, 2), 0)
    }
  }

  /// The first and the last half of so many ids; all where there are no more.
  static func middleCut(_ ids: [Int32], to count: Int) -> [Int32] {
    ids.count <= count ? ids : Array(ids.prefix(count / 2) + ids.suffix(count / 2))
  }

  /// How many ids a prompt and the beginning of its answer have; of those beyond the range only so
  /// many are counted that they are.
  func count(_ prompt: String, answerPrefix: String = "") throws(TaskError) -> Int {
    let limit = range.map { max($0, 0) + 1 } ?? .max
    do {
      return try ids(prompt, answerPrefix: answerPrefix, limit: limit).count
    } catch {
      throw .chat(error)
    }
  }

  /// Positions beyond which no prompt is made, whatever the range.
  static let longest = 1 << 24

  /// Whether so many positions, answer included, are within the range.
  func holds(_ positions: Int) -> Bool {
    positions > 0 && positions <= min(range ?? Self.longest, Self.longest)
  }
}
