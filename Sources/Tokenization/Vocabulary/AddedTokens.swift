import ModelFiles

/// A string that is one token wherever it occurs, before any splitting.
struct AddedToken: Sendable, Equatable {
  /// UTF-8.
  var content: [UInt8]
  var id: Int32
  /// Looked for in normalized text rather than in the text as given.
  var isNormalized = false
  /// Left out of decoded text on request.
  var isSpecial = false
  /// Taken only where no word character touches it.
  var isSingleWord = false
  /// Takes the white space before it along.
  var stripsLeft = false
  /// Takes the white space behind it along.
  var stripsRight = false
}

/// Finds added tokens: leftmost first, of several at one place the longest.
struct AddedTokenMatcher: Sendable {
  private let tokens: [AddedToken]
  private var nodes: [Node] = [Node(byte: 0)]
  private var startsToken = [Bool](repeating: false, count: 256)

  /// A trie whose children are lists of siblings.
  private struct Node {
    var byte: UInt8
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
    var token: Int32 = -1
  }

  enum Segment {
    case text(Range<Int>)
    case token(Int32)
  }

  /// - Parameter tokens: of tokens with equal content the first counts.
  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      guard let first = token.content.first else { continue }
      startsToken[Int(first)] = true
      var node = 0
      for byte in token.content {
        if let child = child(of: node, byte) {
          node = child
        } else {
          var added = Node(byte: byte)
          added.sibling = nodes[node].firstChild
          nodes[node].firstChild = Int32(truncatingIfNeeded: nodes.count)
          node = nodes.count
          nodes.append(added)
        }
      }
      if nodes[node].token < 0 { nodes[node].token = Int32(truncatingIfNeeded: index) }
    }
  }

  /// The id of the token with that content.
  func id(of content: [UInt8]) -> Int32? { tokens.first { $0.content == content }?.id }

  private func child(of node: Int, _ byte: UInt8) -> Int? {
    var child = Int(nodes[node].firstChild)
    while child >= 0 {
      if nodes[child].byte == byte { return child }
      child = Int(nodes[child].sibling)
    }
    return nil
  }

  private func longestMatch(
    _ text: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (token: Int, end: Int)? {
    var node = 0
    var position = start
    var found: (token: Int, end: Int)?
    while position < text.count, let child = child(of: node, text[position]) {
      node = child
      position += 1
      if nodes[node].token >= 0 { found = (Int(nodes[node].token), position) }
    }
    return found
  }

  /// Cuts well-formed text into added tokens and what lies between, until `body` returns false.
  ///
  /// A match that fails the single-word rule is skipped whole, and stripped white space is not
  /// withheld from the next match, unless it would have nothing left: so does the reference.
  func forEachSegment(
    of text: UnsafeBufferPointer<UInt8>, _ body: (Segment) -> Bool
  ) {
    guard !tokens.isEmpty else {
      if !text.isEmpty { _ = body(.text(0..<text.count)) }
      return
    }
    var pending = 0
    var position = 0
    while position < text.count {
      guard startsToken[Int(text[position])], let match = longestMatch(text, at: position) else {
        position += 1
        continue
      }
      let token = tokens[match.token]
      var start = position
      var end = match.end
      position = match.end
      if token.isSingleWord, touchesWord(text, start..<end) { continue }
      if token.stripsLeft { start = max(startOfSpaces(text, before: start), pending) }
      if token.stripsRight { end = endOfSpaces(text, from: end) }
      // White space that was a token itself, and that the match before took along.
      if start >= end { continue }
      if pending < start, !body(.text(pending..<start)) { return }
      if !body(.token(token.id)) { return }
      pending = end
    }
    if pending < text.count { _ = body(.text(pending..<text.count)) }
  }

  private func touchesWord(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let classes = UnicodeClasses.shared
    if range.lowerBound > 0 {
      let before = UTF8Scan.start(text, before: range.lowerBound)
      if classes[UTF8Scan.decode(text, at: before).scalar].contains(.word) { return true }
    }
    return range.upperBound < text.count
      && classes[UTF8Scan.decode(text, at: range.upperBound).scalar].contains(.word)
  }

  private func startOfSpaces(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var position = end
    while position > 0 {
      let before = UTF8Scan.start(text, before: position)
      let scalar = UTF8Scan.decode(text, at: before).scalar
      guard UnicodeClasses.shared[scalar].contains(.space) else { break }
      position = before
    }
    return position
  }

  private func endOfSpaces(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = start
    while position < text.count {
      let (scalar, length) = UTF8Scan.decode(text, at: position)
      guard UnicodeClasses.shared[scalar].contains(.space) else { break }
      position += length
    }
    return position
  }
}
