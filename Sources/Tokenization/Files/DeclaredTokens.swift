import ModelFiles

/// Tokens that files beside a vocabulary add to it, with the ids that they declare.
///
/// A `tokenizer.json` lists its own; `vocab.json` and `tokenizer.model` leave theirs to
/// `added_tokens_decoder` of `tokenizer_config.json` or, in older folders, to `added_tokens.json`.
struct DeclaredTokens {
  /// By id.
  private let tokens: [AddedToken]

  /// - Parameters:
  ///   - configuration: the root of `tokenizer_config.json`.
  ///   - list: the root of `added_tokens.json`.
  init(configuration: JSONNode?, list: JSONNode?) throws(TokenizerProblem) {
    var tokens: [AddedToken] = []
    if let table = configuration?["added_tokens_decoder"], !table.isNull {
      tokens = try Self.decoder(table)
    } else if let list {
      tokens = try Self.list(list)
    }
    self.tokens = tokens.sorted { $0.id < $1.id }
  }

  /// Adds the tokens that `builder` has not added yet. An entry of that spelling keeps its id; any
  /// other token must get the id that it declares, since the model's weights were made for that.
  func add(to builder: inout TokenizerBuilder) throws(TokenizerProblem) {
    for token in tokens where !builder.hasAdded(token.content) {
      try builder.addToken(token)
      guard let id = builder.id(spelled: token.content), id == Int(token.id) else {
        throw .declaredID(
          token: String(decoding: token.content, as: UTF8.self), id: Int(token.id))
      }
    }
  }

  private static func decoder(_ table: JSONNode) throws(TokenizerProblem) -> [AddedToken] {
    let field = "added_tokens_decoder"
    guard table.kind == .object else { throw .wrongType(field: field, expected: "object") }
    return try members(of: table) { key, value throws(TokenizerProblem) in
      guard let content = value["content"]?.utf8 else {
        throw .wrongType(field: "\(field)[].content", expected: "string")
      }
      var token = AddedToken(content: content, id: try id(Int(key), of: content))
      token.isNormalized = try TokenizerFile.flag(value, "normalized", in: field)
      token.isSpecial = try TokenizerFile.flag(value, "special", in: field)
      token.isSingleWord = try TokenizerFile.flag(value, "single_word", in: field)
      token.stripsLeft = try TokenizerFile.flag(value, "lstrip", in: field)
      token.stripsRight = try TokenizerFile.flag(value, "rstrip", in: field)
      return token
    }
  }

  private static func list(_ list: JSONNode) throws(TokenizerProblem) -> [AddedToken] {
    guard list.kind == .object else {
      throw .wrongType(field: "added_tokens.json", expected: "object")
    }
    return try members(of: list) { key, value throws(TokenizerProblem) in
      let content = Array(key.utf8)
      return AddedToken(content: content, id: try id(value.int, of: content))
    }
  }

  private static func id(_ id: Int?, of content: [UInt8]) throws(TokenizerProblem) -> Int32 {
    guard let id, id >= 0, id < PieceTable.idLimit else {
      throw .idOutOfRange(
        piece: String(decoding: content, as: UTF8.self), limit: PieceTable.idLimit)
    }
    return Int32(truncatingIfNeeded: id)
  }

  private static func members(
    of object: JSONNode,
    _ token: (_ key: String, _ value: JSONNode) throws(TokenizerProblem) -> AddedToken
  ) throws(TokenizerProblem) -> [AddedToken] {
    var tokens: [AddedToken] = []
    var problem: TokenizerProblem?
    object.forEachMember { key, value in
      guard problem == nil else { return }
      do throws(TokenizerProblem) {
        tokens.append(try token(String(decoding: key, as: UTF8.self), value))
      } catch { problem = error }
    }
    if let problem { throw problem }
    return tokens
  }
}
