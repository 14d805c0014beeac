import ModelFiles

/// Unicode normalization form C, as the reference performs it.
struct CanonicalComposition: Sendable {
  private static let shared = CanonicalComposition()

  /// What a scalar decomposes to; two scalars where composing gives it back.
  private var decompositions: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]
  private var combiningClasses: [UInt32: UInt8] = [:]

  // Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
  private static let syllables: UInt32 = 0xAC00
  private static let leads: UInt32 = 0x1100
  private static let vowels: UInt32 = 0x1161
  private static let trails: UInt32 = 0x11A7
  private static let trailCount: UInt32 = 28
  private static let vowelCount: UInt32 = 21
  private static let syllableCount: UInt32 = 11172

  private init() {
    Self.forEachEntry(of: CompositionData.decompositions) { numbers, composes in
      guard let scalar = numbers.first else { return }
      let parts = Array(numbers.dropFirst())
      decompositions[scalar] = parts
      if composes, parts.count == 2 { compositions[Self.pair(parts[0], parts[1])] = scalar }
    }
    Self.forEachEntry(of: CompositionData.combiningClasses) { numbers, _ in
      guard numbers.count == 3 else { return }
      for scalar in numbers[0]..<numbers[0] + numbers[1] {
        combiningClasses[scalar] = UInt8(truncatingIfNeeded: numbers[2])
      }
    }
  }

  /// Reads entries that end in `;`: hexadecimal numbers, one of which may end in `=`.
  private static func forEachEntry(
    of data: StaticString, _ body: (_ numbers: [UInt32], _ composes: Bool) -> Void
  ) {
    data.withUTF8Buffer { bytes in
      for entry in bytes.split(separator: UInt8(ascii: ";")) {
        var numbers: [UInt32] = [0]
        var composes = false
        for byte in entry {
          switch byte {
          case UInt8(ascii: "0")...UInt8(ascii: "9"):
            numbers[numbers.count - 1] = numbers[numbers.count - 1] << 4 | UInt32(byte & 0x0F)
          case UInt8(ascii: "a")...UInt8(ascii: "f"):
            numbers[numbers.count - 1] = numbers[numbers.count - 1] << 4 | UInt32(byte - 87)
          default:
            composes = composes || byte == UInt8(ascii: "=")
            numbers.append(0)
          }
        }
        body(numbers, composes)
      }
    }
  }

  private static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
    UInt64(first) << 32 | UInt64(second)
  }

  // MARK: Normalizing

  /// The composed form of well-formed UTF-8; `nil` where nothing in it can change.
  ///
  /// - Complexity: linear, but for runs of marks, which are sorted. Text without combining marks
  ///   and without characters that NFC changes is told by a table look-up a character.
  static func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    let classes = UnicodeClasses.shared
    var result: [UInt8] = []
    var settled = 0
    var starter = 0
    var position = 0
    while position < text.count {
      // What NFC changes, and what it joins to the scalar before, all lies above U+0300.
      if text[position] < 0xCC {
        if text[position] < 0x80 || text[position] >= 0xC0 { starter = position }
        position += 1
        continue
      }
      let (scalar, length) = UTF8Scan.decode(text, at: position)
      guard classes[scalar].contains(.unsettled) else {
        starter = position
        position += length
        continue
      }
      // From the settled scalar before it up to the next settled one nothing else takes part.
      var scalars: [UInt32] = []
      let start = starter
      var end = start
      while end < text.count {
        let (scalar, length) = UTF8Scan.decode(text, at: end)
        if end >= position, !classes[scalar].contains(.unsettled) { break }
        scalars.append(scalar)
        end += length
      }
      result.append(contentsOf: text[settled..<start])
      for scalar in shared.composed(scalars) { UTF8Scan.append(scalar, to: &result) }
      settled = end
      starter = end
      position = end
    }
    guard settled > 0 else { return nil }
    result.append(contentsOf: text[settled...])
    return result
  }

  private func composed(_ scalars: [UInt32]) -> [UInt32] {
    var parts: [UInt32] = []
    for scalar in scalars { decompose(scalar, to: &parts) }
    var ordered = parts.map { (scalar: $0, order: combiningClasses[$0] ?? 0) }
    sortMarks(&ordered)
    return compose(ordered)
  }

  private func decompose(_ scalar: UInt32, to parts: inout [UInt32]) {
    let index = scalar &- Self.syllables
    if index < Self.syllableCount {
      parts.append(Self.leads + index / (Self.vowelCount * Self.trailCount))
      parts.append(Self.vowels + index / Self.trailCount % Self.vowelCount)
      if index % Self.trailCount > 0 { parts.append(Self.trails + index % Self.trailCount) }
    } else if let pieces = decompositions[scalar] {
      for piece in pieces { decompose(piece, to: &parts) }
    } else {
      parts.append(scalar)
    }
  }

  /// Sorts each run of marks by combining class, keeping the order of equal ones.
  private func sortMarks(_ marks: inout [(scalar: UInt32, order: UInt8)]) {
    var start = 0
    while start < marks.count {
      guard marks[start].order > 0 else {
        start += 1
        continue
      }
      let end = marks[start...].firstIndex { $0.order == 0 } ?? marks.count
      let run = marks[start..<end].enumerated().sorted {
        ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
      }
      marks.replaceSubrange(start..<end, with: run.map(\.element))
      start = end
    }
  }

  private func compose(_ marks: [(scalar: UInt32, order: UInt8)]) -> [UInt32] {
    var out: [UInt32] = []
    var starter: Int?
    var previous: UInt8?
    for (scalar, order) in marks {
      // A mark is blocked from the starter by one of its own class or by a starter between.
      if let starter, previous.map({ $0 < order && $0 > 0 }) ?? true,
        let whole = composition(out[starter], scalar)
      {
        out[starter] = whole
        continue
      }
      if order == 0 {
        starter = out.count
        previous = nil
      } else {
        previous = order
      }
      out.append(scalar)
    }
    return out
  }

  private func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    let (lead, vowel) = (first &- Self.leads, second &- Self.vowels)
    if lead < 19, vowel < Self.vowelCount {
      return Self.syllables + (lead * Self.vowelCount + vowel) * Self.trailCount
    }
    let (syllable, trail) = (first &- Self.syllables, second &- Self.trails)
    if syllable < Self.syllableCount, syllable % Self.trailCount == 0, trail > 0,
      trail < Self.trailCount
    {
      return first + trail
    }
    return compositions[Self.pair(first, second)]
  }
}
