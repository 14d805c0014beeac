import Testing

@testable import Compression

/// The ids of prompts, within a range or beyond it.
struct PromptEncoderTests {
  private static func item(_ prompt: String) -> TaskItem {
    TaskItem(id: "x", coordinates: [], prompt: prompt, maxNewTokens: 10, answers: [])
  }

  private static let prompt = (1...60).map { "line \($0) of it." }.joined(separator: "\n")

  @Test func theMiddleGoes() throws {
    #expect(PromptEncoder.middleCut([1, 2, 3, 4, 5, 6], to: 6) == [1, 2, 3, 4, 5, 6])
    #expect(PromptEncoder.middleCut([1, 2, 3, 4, 5, 6], to: 5) == [1, 2, 5, 6])
    #expect(PromptEncoder.middleCut([1, 2, 3, 4, 5, 6], to: 1) == [])
    let whole = try TaskFixture.encoder().ids(of: Self.item(Self.prompt))
    let cut = try TaskFixture.encoder(range: 110).ids(of: Self.item(Self.prompt))
    #expect(cut == Array(whole.prefix(50) + whole.suffix(50)))
    #expect(
      try TaskFixture.encoder(range: whole.count + 10).ids(of: Self.item(Self.prompt)) == whole)
    #expect(try TaskFixture.encoder(range: 5).ids(of: Self.item(Self.prompt)) == [])
  }

  @Test func chatTemplatesStayWhole() throws {
    var chat = ChatTemplate(.chatML)
    chat.user = .init(before: "user: ", behind: " end.")
    chat.answerStart = " answer:"
    let tokenizer = try TaskFixture.tokenizer()
    let encoder = PromptEncoder(tokenizer: tokenizer, chat: chat, range: 110)
    var item = Self.item(Self.prompt)
    item.answerPrefix = " It is"
    let text = tokenizer.decode(try encoder.ids(of: item))
    #expect(text.hasPrefix("user: line 1 of it.\nline 2 of it."))
    #expect(text.hasSuffix("line 60 of it. end. answer: It is"))
    // Wherever the seam falls.
    for range in 60...200 {
      let encoder = PromptEncoder(tokenizer: tokenizer, chat: chat, range: range)
      let count = try encoder.ids(of: item).count
      #expect(count <= range - 10 && count > range - 20)
    }
    #expect(
      try encoder.ids("x", answerPrefix: "y") == tokenizer.encode("user: x end. answer:y"))
  }

  /// Of a character that is cut through more tokens are left than there were.
  @Test func cutsWithinCharactersTakeNoMoreRoom() throws {
    let encoder = PromptEncoder(
      tokenizer: try TaskFixture.tokenizer(), chat: ChatTemplate(.chatML), range: 50)
    for characters in 40...60 {
      let item = Self.item(String(repeating: "灯", count: characters))
      #expect(try encoder.ids(of: item).count <= 40)
    }
    let item = Self.item(String(repeating: "灯", count: 60))
    #expect(try encoder.ids(of: item).count > 30)
    for range in -1...50 {
      let narrow = PromptEncoder(tokenizer: encoder.tokenizer, chat: encoder.chat, range: range)
      #expect(try narrow.ids(of: item).count <= max(range - 10, 0))
    }
  }

  /// Llama's tokenizer puts a BOS before a text; a chat template would say so itself.
  @Test func whatTheTokenizerPutsBeforeATextIsThere() throws {
    let tokenizer = try TaskFixture.tokenizer(
      "Tests/TokenizationTests/Fixtures/tokenizers/llama3.json")
    #expect(!tokenizer.specialPrefix.isEmpty)
    let bare = try PromptEncoder(tokenizer: tokenizer).ids("Hello")
    #expect(bare == tokenizer.specialPrefix + tokenizer.encode("Hello"))
    var chat = ChatTemplate(.gemma)
    chat.start = ""
    #expect(
      try PromptEncoder(tokenizer: tokenizer, chat: chat).ids("Hello") == tokenizer.encode("Hello"))
  }

  @Test func answersStopAtTheirEnd() throws {
    let tokenizer = try TaskFixture.tokenizer()
    let ids = tokenizer.encode("Hello there")
    let end = try #require(tokenizer.id(ofPiece: "<|end|>"))
    let response = TaskResponse(
      generated: ids + [end] + ids, ends: [end], tokenizer: tokenizer)
    #expect(response == TaskResponse(ids: ids, text: "Hello there"))
  }
}
