/// Words of a command line as a POSIX shell reads them back.
enum ShellWord {
  /// `word` unchanged where no shell would change it, else in quotes.
  ///
  /// Line breaks and other control characters are spelled out, so that a command stays one line;
  /// the quotes that allow it, `$'…'`, are those of bash, zsh, ksh and POSIX 2024.
  static func quoted(_ word: String) -> String {
    guard !word.isEmpty else { return "''" }
    if word.utf8.allSatisfy(isPlain) { return word }
    if word.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
      // A quote cannot stand between quotes; it does so escaped between two pairs.
      return "'\(replacing("'", in: word, by: #"'\''"#))'"
    }
    var text = ""
    for scalar in word.unicodeScalars {
      switch scalar {
      case "\n": text += #"\n"#
      case "\t": text += #"\t"#
      case "\\", "'": text += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return "$'\(text)'"
  }

  private static func replacing(_ mark: Unicode.Scalar, in word: String, by text: String) -> String
  {
    word.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == mark { result += text } else { result.unicodeScalars.append(scalar) }
    }
  }

  /// A letter, a digit, or a mark that means nothing to a shell wherever it stands in a word that
  /// does not begin with it.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_./:,@%+".utf8.contains(byte)
    }
  }
}
