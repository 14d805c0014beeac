/// Sums of losses, scores and norms as 64-bit integers, so that adding shards in any order, and
/// in any grouping, is exact.
enum FixedPoint {
  /// Units of one in losses and attention scores: 2^40.
  static let lossScale = 0x1p40
  /// Units of one in key norms: 2^24.
  static let normScale = 0x1p24
  /// Units of one in output errors: 2^32. Larger errors than `limit` allows count as that.
  static let errorScale = 0x1p32
  static let largestError = 0x1p18
  /// Values below this, in units, convert.
  static let limit = 0x1p51

  /// `value · scale` to the nearest integer, ties to even; `|value · scale|` below `limit`.
  ///
  /// Adding 1.5·2^52 leaves the rounded integer in the low bits: no library call, no branch.
  @inline(__always)
  static func units(_ value: Double, scale: Double) -> Int64 {
    Int64(bitPattern: (value * scale + 0x1.8p52).bitPattern) &- 0x4338_0000_0000_0000
  }
}
