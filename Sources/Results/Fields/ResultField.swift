import ModelFiles

/// A JSON value and where it stands, for messages.
struct ResultField {
  let node: JSONNode
  let path: String

  init(_ node: JSONNode, path: String) {
    self.node = node
    self.path = path
  }

  func member(_ key: String) throws(ResultsFolderProblem) -> ResultField {
    let path = path == "result" ? key : "\(path).\(key)"
    guard let node = node[key] else { throw .missingField(path) }
    return ResultField(node, path: path)
  }

  func elements() throws(ResultsFolderProblem) -> [ResultField] {
    guard node.kind == .array else { throw .wrongType(field: path, expected: "an array") }
    return node.elements.enumerated().map { ResultField($1, path: "\(path)[\($0)]") }
  }

  /// The elements of an array that has one for each pair of `outer` and `inner`.
  func rows(_ outer: Int, _ inner: Int) throws(ResultsFolderProblem) -> [ResultField] {
    let elements = try elements()
    let (count, overflow) = outer.multipliedReportingOverflow(by: inner)
    guard !overflow, elements.count == count else {
      throw .inconsistent(field: path, expected: "\(outer) x \(inner) rows, not \(elements.count)")
    }
    return elements
  }

  func string(_ key: String) throws(ResultsFolderProblem) -> String {
    let field = try member(key)
    guard let value = field.node.string else {
      throw .wrongType(field: field.path, expected: "a string")
    }
    return value
  }

  /// `nil` for `null`, and in files from before there was such a key.
  func optionalString(_ key: String) throws(ResultsFolderProblem) -> String? {
    guard let node = node[key], !node.isNull else { return nil }
    return try string(key)
  }

  func bool(_ key: String) throws(ResultsFolderProblem) -> Bool {
    let field = try member(key)
    guard let value = field.node.bool else {
      throw .wrongType(field: field.path, expected: "true or false")
    }
    return value
  }

  /// `nil` for `null`.
  func double(_ key: String) throws(ResultsFolderProblem) -> Double? {
    let field = try member(key)
    if field.node.isNull { return nil }
    guard let value = field.node.double else {
      throw .wrongType(field: field.path, expected: "a finite number or null")
    }
    return value
  }

  func count(
    _ key: String, _ range: some RangeExpression<Int>
  ) throws(ResultsFolderProblem) -> Int {
    let field = try member(key)
    guard let value = field.node.int, range.contains(value) else {
      throw .wrongType(field: field.path, expected: "a whole number in its range")
    }
    return value
  }

  /// `nil` for `null`.
  func optionalCount(
    _ key: String, _ range: some RangeExpression<Int>
  ) throws(ResultsFolderProblem) -> Int? {
    try member(key).node.isNull ? nil : count(key, range)
  }

  func expect(_ key: String, _ value: Int) throws(ResultsFolderProblem) {
    let field = try member(key)
    guard field.node.int == value else {
      throw .inconsistent(field: field.path, expected: "\(value)")
    }
  }
}
