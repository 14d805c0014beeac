/// Names that a stranger's model file may carry.
enum HostileText {
  /// Would break out of attributes, elements, script and style if written as it is, and turn the
  /// text behind it around.
  static let markup =
    "</script><script>window.broken=1</script><img src=x onerror='window.broken=2'>\"'&<!--\u{2028}"
    + "\u{202e}\u{2066}"

  /// Tokens of many scripts and of none: byte pieces, control and format characters, blanks.
  static let tokens: [[UInt8]] = [
    Array(" the".utf8), Array("中文字符".utf8), Array(" مرحبا".utf8), Array("👩‍👩‍👧".utf8), [0xE4, 0xB8],
    [0x00], Array("\u{1b}[0m".utf8), Array("\u{202e}".utf8), Array("\u{a0}".utf8),
    Array("   ".utf8),
    [], Array("हिन्दी".utf8), Array("internationalization".utf8), Array("e\u{301}".utf8),
    Array("\u{301}".utf8), Array("\n\n".utf8), Array("한국어".utf8), Array("🇨🇿".utf8), Array("﷽".utf8),
    Array("<b>&".utf8), Array("\u{3000}".utf8), Array("\u{200b}".utf8), Array(" שלום".utf8), [0xFF],
  ]
  /// What axes call them; a token without bytes is its piece, `<|end|>`.
  static let tokenLabels = [
    "the", "中文字符", "مرحبا", "👩‍👩‍👧", "\\xE4\\xB8",
    "\\x00", "\\x1B[0m", "\\u{202E}", "\\u{A0}", "␣␣␣",
    "<|end|>", "हिन्दी", "internationalization", "e\u{301}",
    "\\u{301}", "\\n\\n", "한국어", "🇨🇿", "﷽",
    "<b>&", "\\u{3000}", "\\u{200B}", "שלום", "\\xFF",
  ]
}
