import ModelFiles

/// What a JSON record of a corpus has for a text.
enum RecordText {
  case text([UInt8])
  /// There is a place for one and nothing in it: `null`, or messages that say nothing.
  case none
  case missing

  /// - Parameter field: the member that holds the text: a string, or a list of messages whose
  ///   `content` is joined.
  init(_ record: JSONNode, field: String) {
    let usual = field.utf8.elementsEqual(Corpus.usualTextField.utf8)
    guard let value = record[field] ?? (usual ? record[Corpus.messagesField] : nil) else {
      self = .missing
      return
    }
    switch value.kind {
    case .null: self = .none
    case .string: self = value.utf8.map(RecordText.text) ?? .missing
    case .array: self = Self.joined(value)
    case .bool, .number, .object: self = .missing
    }
  }

  /// Whether the record has a text, or a place for one.
  var isRecord: Bool {
    if case .missing = self { false } else { true }
  }

  /// One message a line; roles are left out.
  private static func joined(_ messages: JSONNode) -> RecordText {
    var texts: [[UInt8]] = []
    for message in messages.elements {
      guard message.kind == .object, let content = message["content"] else {
        // A call of a tool has a role and may say nothing.
        if message["role"] == nil { return .missing }
        continue
      }
      switch content.kind {
      case .null: continue
      case .string: texts.append(content.utf8 ?? [])
      case .array:
        let parts = content.elements.compactMap { $0.utf8 ?? $0["text"]?.utf8 }
        if !parts.isEmpty { texts.append(Array(parts.joined(separator: [0x0A]))) }
      case .bool, .number, .object: return .missing
      }
    }
    return texts.isEmpty ? .none : .text(Array(texts.joined(separator: [0x0A])))
  }

  /// A record as programs write it: numbers may be NaN or infinite.
  static func document(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
    try JSONDocument(parsing: bytes, limits: JSONLimits(allowsNonFinite: true))
  }

  /// Where text begins behind a byte order mark.
  static func start(of bytes: some Collection<UInt8>) -> Int {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }
}
