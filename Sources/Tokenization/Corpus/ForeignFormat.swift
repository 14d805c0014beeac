import ModelFiles

/// What a file is that is no UTF-8 text, told by how it begins.
public enum ForeignFormat: Sendable, Equatable, CaseIterable {
  case utf16, utf32
  case zstandard, xz, bzip2, zip, parquet

  /// `nil` where nothing is recognised.
  init?(_ head: [UInt8]) {
    // A UTF-32 mark begins as a UTF-16 one does.
    let found = Self.beginnings.first { head.starts(with: $0.bytes) }?.format
    guard let format = found ?? (Self.looksLikeUTF16(head) ? .utf16 : nil) else { return nil }
    self = format
  }

  private static let beginnings: [(bytes: [UInt8], format: ForeignFormat)] = [
    ([0xFF, 0xFE, 0, 0], .utf32), ([0, 0, 0xFE, 0xFF], .utf32),
    ([0xFF, 0xFE], .utf16), ([0xFE, 0xFF], .utf16),
    ([0x28, 0xB5, 0x2F, 0xFD], .zstandard), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz),
    // The digit before says how large its blocks are.
    (Array("BZh9".utf8) + [0x31, 0x41, 0x59, 0x26], .bzip2),
    (Array("PK".utf8) + [3, 4], .zip), (Array("PAR1".utf8), .parquet),
  ]

  /// Latin letters in UTF-16 have every second byte 0.
  private static func looksLikeUTF16(_ head: [UInt8]) -> Bool {
    let pairs = min(head.count, 1024) / 2
    guard pairs >= 8 else { return false }
    var zeros = [0, 0]
    for index in 0..<pairs * 2 where head[index] == 0 { zeros[index % 2] += 1 }
    return max(zeros[0], zeros[1]) * 2 >= pairs && min(zeros[0], zeros[1]) * 16 <= pairs
  }

  /// What it is, and what to do about it.
  var advice: String {
    switch self {
    case .utf16: "UTF-16 text, not UTF-8: convert it, for example with 'iconv -f UTF-16 -t UTF-8'"
    case .utf32: "UTF-32 text, not UTF-8: convert it, for example with 'iconv -f UTF-32 -t UTF-8'"
    case .zstandard:
      "packed with zstd: unpack it into a pipe, 'zstd -dc FILE | alr-analyze MODEL -'"
    case .xz: "packed with xz: unpack it into a pipe, 'xz -dc FILE | alr-analyze MODEL -'"
    case .bzip2: "packed with bzip2: unpack it into a pipe, 'bzip2 -dc FILE | alr-analyze MODEL -'"
    case .zip: "a zip archive: unpack it and give the folder"
    case .parquet: "a Parquet table: write its texts as JSON lines first"
    }
  }
}
