/// How a model that was trained on chats wants messages written.
///
/// Models bring a template in the language Jinja. It is not run here: what family it is of, and which
/// of that family's habits it has, is read off its text. A template that shows none of the families,
/// or something that would change what is written and is not known, gives `nil`.
///
/// Tools, images and the thinking of models that think are left out; past answers lose their thoughts
/// where the template takes them out.
public struct ChatTemplate: Sendable, Equatable {
  public enum Family: String, Sendable, Equatable, CaseIterable {
    /// `<|im_start|>` and `<|im_end|>`: SmolLM2, Qwen2, Qwen3 and many others.
    case chatML = "ChatML"
    /// `[INST]` with `<<SYS>>`.
    case llama2 = "Llama 2"
    /// `<|start_header_id|>`.
    case llama3 = "Llama 3"
    /// `[INST]` in the spellings of several versions.
    case mistral = "Mistral"
    /// `<start_of_turn>`.
    case gemma = "Gemma"
    /// `<|user|>` and `<|end|>`.
    case phi3 = "Phi-3"
    /// `<|user|>` and the EOS token.
    case zephyr = "Zephyr"
  }

  /// What stands around a message.
  struct Frame: Sendable, Equatable {
    var before = ""
    var behind = ""
  }

  /// Where a system message goes.
  enum SystemPlace: Sendable, Equatable {
    /// Into a turn of its own.
    case turn(Frame)
    /// Into the first message of a user.
    case firstUser(Frame)
    /// Into the last one.
    case lastUser(Frame)
    case none
  }

  public let family: Family
  /// What stands for a system message where there is none; may be empty.
  var fallbackSystem: String?

  /// Before everything; empty where the template leaves BOS to the tokenizer.
  var start = ""
  /// Before each message of a user but the first.
  var laterStart = ""
  var system = SystemPlace.none
  var user = Frame()
  var assistant = Frame()
  /// Behind the last message: what an answer begins with.
  var answerStart = ""
  /// Whether messages lose white space at both ends.
  var trimsUser = false
  var trimsAssistant = false
  var trimsSystem = false
  /// Whether a system message without text is none.
  var dropsEmptySystem = false
  /// Whether what stands before `</think>` in past answers is left out.
  var dropsThoughts = false

  init(_ family: Family) { self.family = family }

  /// The system message that the template writes where there is none.
  public var defaultSystem: String? { fallbackSystem.flatMap { $0.isEmpty ? nil : $0 } }

  /// The text of a chat that a model is to answer.
  ///
  /// Special tokens stand in it as the vocabulary spells them. `Tokenizer.encode` finds them; what it
  /// puts around a text by itself is not to be added, as in the reference's `apply_chat_template`.
  ///
  /// - Throws: `ChatError` for an order of messages that the template has no place for.
  public func prompt(_ messages: [ChatMessage]) throws(ChatError) -> String {
    var turns = messages[...]
    var systemText = fallbackSystem
    if let first = turns.first, first.role == .system {
      systemText = trimsSystem ? Self.trimmed(first.content) : first.content
      turns = turns.dropFirst()
      if system == .none { throw .noSystemMessages(family: family) }
      if dropsEmptySystem, first.content.isEmpty { systemText = nil }
    }
    try check(turns, offset: messages.count - turns.count)
    var text = start
    if case .turn(let frame) = system, let systemText {
      text += frame.before + systemText + frame.behind
    }
    for index in turns.indices {
      let isFirst = index == turns.startIndex
      switch turns[index].role {
      case .user:
        if !isFirst { text += laterStart }
        text += user.before
        text += content(
          turns[index], systemText, isFirst: isFirst, isLast: index == turns.endIndex - 1)
        text += user.behind
      case .assistant:
        text += assistant.before + answer(turns[index]) + assistant.behind
      case .system: throw .systemNotFirst
      }
    }
    return text + answerStart
  }

  private func check(
    _ turns: ArraySlice<ChatMessage>, offset: Int
  ) throws(ChatError) {
    if turns.contains(where: { $0.role == .system }) { throw .systemNotFirst }
    guard turns.contains(where: { $0.role == .user }) else { throw .noUserMessage }
    for (index, message) in turns.enumerated() {
      guard (message.role == .user) == (index % 2 == 0) else {
        throw .notAlternating(message: offset + index + 1)
      }
    }
    guard turns.last?.role == .user else { throw .notAlternating(message: offset + turns.count) }
  }

  /// What stands between the marks of a user's turn.
  private func content(
    _ message: ChatMessage, _ systemText: String?, isFirst: Bool, isLast: Bool
  ) -> String {
    let content = trimsUser ? Self.trimmed(message.content) : message.content
    guard let systemText else { return content }
    switch system {
    case .firstUser(let frame) where isFirst:
      let opening = frame.before + systemText + frame.behind
      // Llama 2's template strips both together.
      return family == .llama2 ? Self.trimmed(opening + message.content) : opening + content
    case .lastUser(let frame) where isLast:
      return frame.before + systemText + frame.behind + content
    default: return content
    }
  }

  private func answer(_ message: ChatMessage) -> String {
    var content = message.content
    if dropsThoughts, let end = content.range(ofLast: "</think>") {
      content = String(content[end...].drop { $0 == "\n" })
    }
    return trimsAssistant ? Self.trimmed(content) : content
  }

  /// Without white space at both ends, as Python's `strip`.
  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !MetricWords.isSpace($0) }),
      let last = scalars.lastIndex(where: { !MetricWords.isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}

extension String {
  /// Where the last occurrence of a part ends.
  fileprivate func range(ofLast part: String) -> Index? {
    ranges(of: part).last?.upperBound
  }
}
