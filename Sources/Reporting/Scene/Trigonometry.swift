/// Sine and cosine from arithmetic alone, so that drawings are the same bytes on every platform.
enum Trigonometry {
  /// (cos, sin) of an angle in degrees.
  static func unitVector(degrees: Double) -> Point {
    guard degrees.isFinite else { return Point(1, 0) }
    var rest = degrees.truncatingRemainder(dividingBy: 360)
    if rest < 0 { rest += 360 }
    let quadrant = Int((rest / 90).rounded()) % 4
    let angle = (rest - (rest / 90).rounded() * 90) * Double.pi / 180
    let square = angle * angle
    // Taylor series to the 12th power: on |angle| ≤ π/4 the error is below 1e-12.
    let sine =
      angle
      * (1 - square / 6
        * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110)))))
    let cosine =
      1 - square / 2
      * (1 - square / 12
        * (1 - square / 30 * (1 - square / 56 * (1 - square / 90 * (1 - square / 132)))))
    switch quadrant {
    case 0: return Point(cosine, sine)
    case 1: return Point(-sine, cosine)
    case 2: return Point(-cosine, -sine)
    default: return Point(sine, -cosine)
    }
  }
}
