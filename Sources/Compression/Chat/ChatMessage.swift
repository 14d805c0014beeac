/// One message of a chat.
public struct ChatMessage: Sendable, Equatable {
  public enum Role: String, Sendable, Equatable {
    case system, user, assistant
  }

  public var role: Role
  public var content: String

  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// Why messages cannot be put into a template, or a model's template cannot be read.
public enum ChatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The model's template has no place for a system message.
  case noSystemMessages(family: ChatTemplate.Family)
  /// A system message stands elsewhere than at the beginning.
  case systemNotFirst
  /// After an optional system message users and assistants take turns, and a user has the last word.
  case notAlternating(message: Int)
  case noUserMessage
  /// A file with a template that cannot be read.
  case unreadable(path: String, reason: String)

  public var description: String {
    switch self {
    case .noSystemMessages(let family):
      "the model's chat template (\(family.rawValue)) takes no system message"
    case .systemNotFirst: "a system message stands elsewhere than at the beginning"
    case .notAlternating(let message):
      "message \(message): users and assistants have to take turns, a user first and last"
    case .noUserMessage: "the chat has no message of a user"
    case .unreadable(let path, let reason): "\(path): \(reason)"
    }
  }
}
