import ModelFiles

/// The 256 printable characters that stand for bytes in a byte-level vocabulary.
///
/// Bytes that print in Latin-1 stand for themselves; the others, in their order, are U+0100 and up.
enum ByteLevelAlphabet {
  /// The scalar that stands for each byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { byte -> UInt32 in
      let prints = (0x21...0x7E) ~= byte || (0xA1...0xAC) ~= byte || byte >= 0xAE
      if prints { return UInt32(byte) }
      defer { next += 1 }
      return next
    }
  }()

  /// The byte that a scalar below 0x144 stands for; -1 where it stands for none.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// Appends the bytes that a well-formed piece stands for; false, with nothing useful appended,
  /// where the piece holds a character outside the alphabet.
  static func decode(_ piece: UnsafeBufferPointer<UInt8>, to raw: inout [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < piece.count {
        // Most characters are ASCII and stand for themselves.
        var end = position
        while end < piece.count, piece[end] &- 0x21 < 0x5E { end += 1 }
        if end > position {
          raw.append(contentsOf: UnsafeBufferPointer(rebasing: piece[position..<end]))
          position = end
          continue
        }
        let (scalar, length) = UTF8Scan.decode(piece, at: position)
        guard scalar < 0x144, bytes[Int(scalar)] >= 0 else { return false }
        raw.append(UInt8(truncatingIfNeeded: bytes[Int(scalar)]))
        position += length
      }
      return true
    }
  }

  /// The bytes that a piece stands for; `nil` where it holds a character outside the alphabet.
  static func decode(_ piece: [UInt8]) -> [UInt8]? {
    var raw: [UInt8] = []
    return piece.withUnsafeBufferPointer { decode($0, to: &raw) } ? raw : nil
  }

  /// The characters that stand for `raw`.
  static func encode(_ raw: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in raw {
      if let scalar = Unicode.Scalar(scalars[Int(byte)]) { text.append(scalar) }
    }
    return String(text)
  }
}
