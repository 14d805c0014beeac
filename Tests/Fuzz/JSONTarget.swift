import ModelFiles

/// Any bytes as a JSON text: parsed under both sets of limits, then read whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  for limits in [JSONLimits.standard, JSONLimits(maximumDepth: 8, trailing: .spaces)] {
    do throws(JSONError) {
      visit(try JSONDocument(parsing: bytes, limits: limits).root, depth: 0, limits)
    } catch {
      precondition((0...count).contains(error.offset), "an offset outside the text")
      expectOneLine(error)
    }
  }
  return 0
}

/// Asks a node for everything, and holds what it says against itself.
private func visit(_ node: JSONNode, depth: Int, _ limits: JSONLimits) {
  precondition(depth <= limits.maximumDepth, "nested deeper than the limit")
  _ = (node.isNull, node.bool)
  if let integer = node.int {
    precondition(node.kind == .number && node.double != nil)
    precondition(abs(Double(integer) - (node.double ?? .nan)) <= abs(Double(integer)) * 1e-15)
  }
  switch node.kind {
  case .string:
    let bytes = node.utf8 ?? []
    precondition(String(validating: bytes, as: UTF8.self) != nil, "ill-formed UTF-8 accepted")
  case .array:
    precondition(node.elements.count == node.count)
    for element in node.elements { visit(element, depth: depth + 1, limits) }
  case .object:
    var names: Set<[UInt8]> = []
    var index = 0
    node.forEachMember { key, value in
      precondition(names.insert([UInt8](key)).inserted, "duplicate key accepted")
      // A look-up is linear, so it is tried on a few.
      if index < 8 {
        let found = node[String(decoding: key, as: UTF8.self)]
        precondition(found?.kind == value.kind, "a member cannot be found")
      }
      index += 1
      visit(value, depth: depth + 1, limits)
    }
    precondition(node.members.count == node.count && node.count == index)
  case .null, .bool, .number: break
  }
}
