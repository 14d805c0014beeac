import Foundation

/// Unicode normalization form C.
enum CanonicalComposition {
  /// The composed form of well-formed UTF-8; `nil` where the text is in that form already.
  ///
  /// - Complexity: linear. Text without combining marks and without characters that NFC changes is
  ///   told by a table look-up a character.
  static func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard mayChange(text) else { return nil }
    let string = String(decoding: text, as: UTF8.self)
    return Array(string.precomposedStringWithCanonicalMapping.utf8)
  }

  private static func mayChange(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let classes = UnicodeClasses.shared
    var position = 0
    while position < text.count {
      // Nothing below U+0300 is combining, and what NFC changes lies above as well.
      if text[position] < 0xCC {
        position += 1
        continue
      }
      let (scalar, length) = UTF8Scan.decode(text, at: position)
      if classes[scalar].contains(.unsettled) { return true }
      position += length
    }
    return false
  }
}
