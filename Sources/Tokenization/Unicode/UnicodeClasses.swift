import ModelFiles

/// Sets of general categories and other properties of a scalar, as the reference sees them.
struct UnicodeSet: OptionSet, Sendable {
  let rawValue: UInt16

  static let upper = UnicodeSet(rawValue: 1 << 0)
  static let lower = UnicodeSet(rawValue: 1 << 1)
  static let title = UnicodeSet(rawValue: 1 << 2)
  static let modifier = UnicodeSet(rawValue: 1 << 3)
  static let otherLetter = UnicodeSet(rawValue: 1 << 4)
  static let mark = UnicodeSet(rawValue: 1 << 5)
  static let number = UnicodeSet(rawValue: 1 << 6)
  static let punctuation = UnicodeSet(rawValue: 1 << 7)
  static let symbol = UnicodeSet(rawValue: 1 << 8)
  /// `\s`
  static let space = UnicodeSet(rawValue: 1 << 9)
  /// May not touch an added token that wants to be a word of its own.
  static let word = UnicodeSet(rawValue: 1 << 10)
  /// NFC may change it or join it to what stands before it.
  static let unsettled = UnicodeSet(rawValue: 1 << 11)
  /// What the Digits pre-tokenizer takes for a digit: N and a few newer ones.
  static let digit = UnicodeSet(rawValue: 1 << 12)

  /// `\p{L}`
  static let letter: UnicodeSet = [.upper, .lower, .title, .modifier, .otherLetter]
}

extension UnicodeSet {
  /// The set of `\p{name}`; nil where the table does not know the property.
  init?(property name: String) {
    switch name {
    case "L": self = .letter
    case "Lu": self = .upper
    case "Ll": self = .lower
    case "Lt": self = .title
    case "Lm": self = .modifier
    case "Lo": self = .otherLetter
    case "M": self = .mark
    case "N": self = .number
    case "P": self = .punctuation
    case "S": self = .symbol
    default: return nil
    }
  }
}

/// The properties of every scalar, one load each.
///
/// The reference's regular expressions follow one Unicode version and Swift's own tables another,
/// so the classes are the reference's own (`UnicodeClassData`), laid out flat at first use.
struct UnicodeClasses: Sendable {
  static let shared = UnicodeClasses()

  /// One `UnicodeSet` a scalar value below 0x110000; never freed.
  nonisolated(unsafe) let table: UnsafePointer<UInt16>

  private init() {
    let table = UnsafeMutablePointer<UInt16>.allocate(capacity: Self.scalars)
    table.initialize(repeating: 0, count: Self.scalars)
    Self.forEachRun(of: UnicodeClassData.categories) { letter, range in
      var set = Self.category(letter)
      if set == .number { set.insert(.digit) }
      if !set.isEmpty { table.update(range, adding: set) }
    }
    Self.forEachRun(of: UnicodeClassData.flags) { letter, range in
      var set: UnicodeSet = []
      if letter == UInt8(ascii: "w") || letter == UInt8(ascii: "c") { set.insert(.word) }
      if letter == UInt8(ascii: "d") || letter == UInt8(ascii: "c") { set.insert(.unsettled) }
      if !set.isEmpty { table.update(range, adding: set) }
    }
    for scalar in UnicodeClassData.digitsBeyondNumbers {
      table.update(Int(scalar)..<Int(scalar) + 1, adding: .digit)
    }
    self.table = UnsafePointer(table)
  }

  @inline(__always)
  subscript(_ scalar: UInt32) -> UnicodeSet { UnicodeSet(rawValue: table[Int(scalar)]) }

  private static let scalars = 0x110000

  private static func category(_ letter: UInt8) -> UnicodeSet {
    switch letter {
    case UInt8(ascii: "u"): .upper
    case UInt8(ascii: "l"): .lower
    case UInt8(ascii: "t"): .title
    case UInt8(ascii: "m"): .modifier
    case UInt8(ascii: "a"): .otherLetter
    case UInt8(ascii: "k"): .mark
    case UInt8(ascii: "n"): .number
    case UInt8(ascii: "p"): .punctuation
    case UInt8(ascii: "y"): .symbol
    case UInt8(ascii: "s"): .space
    default: []
    }
  }

  private static func forEachRun(
    of data: StaticString, _ body: (_ letter: UInt8, _ range: Range<Int>) -> Void
  ) {
    data.withUTF8Buffer { bytes in
      var scalar = 0
      var position = 0
      while position < bytes.count {
        let letter = bytes[position]
        position += 1
        var length = 0
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 {
          length = length * 10 + Int(bytes[position] - UInt8(ascii: "0"))
          position += 1
        }
        let end = min(scalar + max(length, 1), scalars)
        body(letter, scalar..<end)
        scalar = end
      }
    }
  }
}

extension UnsafeMutablePointer<UInt16> {
  fileprivate func update(_ range: Range<Int>, adding set: UnicodeSet) {
    for index in range { self[index] |= set.rawValue }
  }
}
