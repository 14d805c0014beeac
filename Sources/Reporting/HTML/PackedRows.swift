/// Rows of numbers as 8- or 16-bit integers, deflated, in base64, for a page that holds thousands
/// of curves.
///
/// Each row has its own range: `q` from 0 to `missing - 1` stands for
/// `lo + (hi - lo) · (q / (missing - 1))^power`, `missing` (all bits set) for a missing value.
/// Little-endian, (rows, columns).
struct PackedRows {
  enum Width: Int {
    case byte = 1
    case word = 2
  }

  var columns: Int
  /// 1 for even steps; 2 and 4 give small values finer ones.
  var power: Int
  var width: Width
  private(set) var low: [Double] = []
  private(set) var high: [Double] = []
  private(set) var bytes: [UInt8] = []

  init(columns: Int, power: Int = 1, width: Width = .word) {
    self.columns = columns
    self.power = power
    self.width = width
  }

  /// Base64 characters that rows × columns take at most.
  static func encodedSize(rows: Int, columns: Int, width: Width = .word) -> Int {
    (rows * columns * width.rawValue + 2) / 3 * 4
  }

  /// Adds a row of `columns` values.
  mutating func append(_ row: [Double]) {
    var least = Double.infinity
    var greatest = -Double.infinity
    for value in row where value.isFinite {
      least = min(least, value)
      greatest = max(greatest, value)
    }
    if least > greatest { (least, greatest) = (0, 0) }
    if power > 1 { least = min(least, 0) }
    low.append(least)
    high.append(greatest)
    let extent = greatest - least
    let steps = width == .word ? 65_534.0 : 254.0
    for column in 0..<columns {
      let value = column < row.count ? row[column] : .nan
      var word = UInt16.max
      if value.isFinite {
        var share = extent > 0 ? (value - least) / extent : 0
        if power >= 2 { share = share.squareRoot() }
        if power >= 4 { share = share.squareRoot() }
        word = UInt16((min(max(share, 0), 1) * steps).rounded())
      }
      bytes.append(UInt8(truncatingIfNeeded: word))
      if width == .word { bytes.append(UInt8(truncatingIfNeeded: word >> 8)) }
    }
  }

  /// The rows as a JSON object that the page's script unpacks.
  var json: String {
    JSONText.object([
      ("columns", "\(columns)"), ("power", "\(power)"), ("width", "\(width.rawValue)"),
      ("low", JSONText.numbers(low)), ("high", JSONText.numbers(high)),
      ("bytes", "\"\(Base64.deflated(bytes))\""),
    ])
  }
}

/// Base64 (RFC 4648) with padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// `bytes` as a zlib stream in base64.
  static func deflated(_ bytes: [UInt8]) -> String { encoded(Zlib.compressed(bytes)) }

  static func encoded(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let second = index + 1 < bytes.count ? bytes[index + 1] : 0
      let third = index + 2 < bytes.count ? bytes[index + 2] : 0
      let word = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
      output.append(alphabet[Int(word >> 18) & 63])
      output.append(alphabet[Int(word >> 12) & 63])
      output.append(index + 1 < bytes.count ? alphabet[Int(word >> 6) & 63] : UInt8(ascii: "="))
      output.append(index + 2 < bytes.count ? alphabet[Int(word) & 63] : UInt8(ascii: "="))
      index += 3
    }
    return String(decoding: output, as: UTF8.self)
  }
}
