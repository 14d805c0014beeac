import ModelFiles
import TestSupport
import Testing

@testable import Compression

/// Chat templates against what transformers makes of them, for templates that `make_chats.py` wrote.
struct ChatTemplateTests {
  private static func messages(_ chat: JSONNode) throws -> [ChatMessage] {
    try chat.elements.map { message in
      let role = try #require(message["role"]?.string.flatMap(ChatMessage.Role.init(rawValue:)))
      return ChatMessage(role, try #require(message["content"]?.string))
    }
  }

  private static func template(_ text: String) -> ChatTemplate? {
    ChatTemplate(jinja: text, bos: "<s>", eos: "</s>")
  }

  private static func source(_ model: String) throws -> String {
    let cases = try Fixture.json("chats.json")["cases"]?.elements ?? []
    return try #require(cases.first { $0["model"]?.string == model }?["template"]?.string)
  }

  @Test func promptsAreThoseOfTheReference() throws {
    let fixture = try Fixture.json("chats.json")
    let chats = try #require(fixture["chats"]).elements.map(Self.messages)
    var families: Set<ChatTemplate.Family> = []
    for node in try #require(fixture["cases"]).elements {
      let model = try #require(node["model"]?.string)
      let template = Self.template(try #require(node["template"]?.string))
      #expect(template?.family.rawValue == node["family"]?.string, "\(model)")
      guard let template else { continue }
      families.insert(template.family)
      let prompts = try #require(node["prompts"]).elements
      #expect(prompts.count == chats.count)
      for (chat, prompt) in zip(chats, prompts) {
        let ours = try? template.prompt(chat)
        // Templates may leave a system message out; here it is an error.
        if template.system == .none, chat.first?.role == .system {
          #expect(ours == nil)
        } else {
          #expect(ours == prompt.string, "\(model)")
        }
      }
    }
    #expect(families.count == ChatTemplate.Family.allCases.count)
  }

  @Test func wrongOrdersAreErrors() throws {
    let template = try #require(Self.template(try Self.source("SmolLM2")))
    func error(_ roles: [ChatMessage.Role]) -> ChatError? {
      do {
        _ = try template.prompt(roles.map { ChatMessage($0, "x") })
        return nil
      } catch {
        return error
      }
    }
    #expect(error([.system, .user]) == nil)
    #expect(error([]) == .noUserMessage)
    #expect(error([.system]) == .noUserMessage)
    #expect(error([.user, .system]) == .systemNotFirst)
    #expect(error([.system, .assistant, .user]) == .notAlternating(message: 2))
    #expect(error([.user, .user]) == .notAlternating(message: 2))
    #expect(error([.user, .assistant]) == .notAlternating(message: 2))
    #expect(
      template.defaultSystem
        == "You are a helpful AI assistant named SmolLM, trained by Hugging Face")
  }

  @Test func templatesAreFoundWhereModelsHaveThem() throws {
    let folder = try TemporaryFolder(["tokenizer_config.json": Array(#"{"x": 1}"#.utf8)])
    #expect(try ChatTemplate.jinja(inFolder: folder.path) == nil)
    try folder.write(
      #"{"chat_template": [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]}"#,
      to: "tokenizer_config.json")
    #expect(try ChatTemplate.jinja(inFolder: folder.path) == "d")
    try folder.write(#"{"chat_template": "json"}"#, to: "chat_template.json")
    #expect(try ChatTemplate.jinja(inFolder: folder.path) == "json")
    try folder.write("jinja", to: "chat_template.jinja")
    #expect(try ChatTemplate.jinja(inFolder: folder.path) == "jinja")
    let broken = try TemporaryFolder(["chat_template.json": Array("{".utf8)])
    #expect(throws: ChatError.self) { try ChatTemplate.jinja(inFolder: broken.path) }
  }

  /// A template may be any text: none may trap.
  @Test func brokenTemplatesAreNone() throws {
    let text = try Self.source("Llama-3.2")
    for length in stride(from: 0, to: text.count - 1, by: 7) {
      let template = Self.template(String(text.prefix(length)))
      _ = try? template?.prompt([ChatMessage(.user, "x")])
    }
    for text in ["{{", "{%", "{#", "{{ '", "{{ '\\", "{{-", "{{ -}", "'", "{{}}"] {
      #expect(Self.template(text) == nil)
    }
  }
}
