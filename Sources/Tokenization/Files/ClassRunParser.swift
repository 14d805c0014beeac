import ModelFiles

extension ClassRun {
  /// The pattern that `regex` spells for the reference's engine, where it has this form and holds
  /// no more than `ClassRunParser` allows; other spellings of the same are not read.
  init?(regex: String) {
    var parser = ClassRunParser(regex)
    guard let run = parser.parse() else { return nil }
    self = run
  }
}

/// Reads `ATOM? ATOM QUANTIFIER`, without the blanks; the first atom and the quantifier may be
/// missing.
private struct ClassRunParser {
  private var rest: Substring.UnicodeScalarView
  /// Every match that fails may look at as many scalars, twice where there is a lead.
  private static let countLimit = 16
  /// Far more than all scripts take.
  private static let classItemLimit = 4096

  init(_ regex: String) { rest = Substring(regex).unicodeScalars }

  mutating func parse() -> ClassRun? {
    guard let first = atom() else { return nil }
    if take("?") {
      guard let body = atom(), let counts = quantifier(), rest.isEmpty else { return nil }
      return ClassRun(lead: first, body, counts)
    }
    guard let counts = quantifier(), rest.isEmpty else { return nil }
    return ClassRun(first, counts)
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func quantifier() -> ClosedRange<Int>? {
    if rest.isEmpty { return 1...1 }
    if take("+") { return 1...Int.max }
    guard take("{"), let least = number() else { return nil }
    let most = take(",") ? number() : least
    guard take("}"), let most, least >= 1, least <= most, most <= Self.countLimit else {
      return nil
    }
    return least...most
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let digit = rest.first, ("0"..."9").contains(digit), digits.utf8.count < 4 {
      digits.unicodeScalars.append(digit)
      rest.removeFirst()
    }
    return Int(digits)
  }

  private mutating func atom() -> ScalarClass? {
    guard let scalar = rest.popFirst() else { return nil }
    switch scalar {
    case "[": return bracket()
    case "\\":
      switch escape() {
      case .set(let set): return ScalarClass(set)
      case .scalar(let scalar): return ScalarClass(ranges: [scalar.value...scalar.value])
      case nil: return nil
      }
    case ".", "^", "$", "|", "(", ")", "]", "{", "}", "*", "+", "?": return nil
    default: return ScalarClass(ranges: [scalar.value...scalar.value])
    }
  }

  /// What stands behind an opening bracket. Sets within sets, intersections, and a hyphen anywhere
  /// but between the ends of a range are not read.
  private mutating func bracket() -> ScalarClass? {
    let isNegated = take("^")
    var sets: UnicodeSet = []
    var ranges: [ClosedRange<UInt32>] = []
    for _ in 0..<Self.classItemLimit {
      guard let item = classItem() else { return nil }
      switch item {
      case .set(let set): sets.formUnion(set)
      case .scalar(let first):
        var last = first
        if take("-") {
          guard case .scalar(let end)? = classItem(), end >= first else { return nil }
          last = end
        }
        ranges.append(first.value...last.value)
      }
      if take("]") { return ScalarClass(sets, ranges: ranges, isNegated: isNegated) }
    }
    return nil
  }

  private enum Item {
    case set(UnicodeSet)
    case scalar(Unicode.Scalar)
  }

  private mutating func classItem() -> Item? {
    guard let scalar = rest.popFirst() else { return nil }
    switch scalar {
    case "\\": return escape()
    case "[", "]", "-": return nil
    case "&" where rest.first == "&": return nil
    default: return .scalar(scalar)
    }
  }

  private mutating func escape() -> Item? {
    guard let scalar = rest.popFirst() else { return nil }
    switch scalar {
    case "s": return .set(.space)
    case "r": return .scalar("\r")
    case "n": return .scalar("\n")
    case "t": return .scalar("\t")
    case "p":
      guard take("{"), let close = rest.firstIndex(of: "}") else { return nil }
      let name = String(rest[..<close])
      rest = rest[rest.index(after: close)...]
      return UnicodeSet(property: name).map(Item.set)
    // ASCII signs stand for themselves; letters and digits may have meanings.
    case "!"..."/", ":"..."@", "["..."`", "{"..."~": return .scalar(scalar)
    default: return nil
    }
  }
}
