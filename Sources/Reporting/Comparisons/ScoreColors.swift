import Results

/// Colours and letters that scores are told apart by, in the order of a comparison.
enum ScoreColors {
  /// Okabe and Ito's colours, and others between them in lightness.
  private static let colors: [Color] = [
    0x0072b2, 0xe69f00, 0x9aa3ad, 0x56b4e9, 0x009e73, 0xd55e00, 0xcc79a7, 0x9c5a1e, 0x5e4fa2,
    0xf0e442, 0x1b7837, 0x7a1f3d,
  ].map { Color(hex: $0) }

  static func color(_ score: Int) -> Color { colors[score % colors.count] }

  /// Half way to white: where the next score may be as good.
  static func pale(_ score: Int) -> Color {
    let color = color(score)
    func half(_ value: Double) -> Double { (value + 1) / 2 }
    return Color(red: half(color.red), green: half(color.green), blue: half(color.blue))
  }

  /// `A`, `B`, …; small where the next score may be as good.
  static func letter(_ best: BestScore?) -> String {
    guard let best, let scalar = Unicode.Scalar(UInt32(65 + best.score % 26)) else { return "-" }
    let letter = String(Character(scalar))
    return best.isClear == true ? letter : letter.lowercased()
  }
}
