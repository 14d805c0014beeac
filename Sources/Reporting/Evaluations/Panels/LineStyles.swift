/// Lines that are told apart by colour, and in grey by their dashes.
enum LineStyles {
  /// Okabe and Ito's colours, readable with any colour vision, and a brown; those next to one
  /// another differ in lightness.
  private static let colors: [Color] = [
    0x0072b2, 0xe69f00, 0x009e73, 0xd55e00, 0x56b4e9, 0x9c5a1e, 0xcc79a7,
  ].map { Color(hex: $0) }
  private static let dashes: [[Double]] = [[], [6, 4], [1, 3.5], [8, 4, 1, 4]]

  /// What is not compressed: the ink of the page.
  static let reference = Stroke(.role(.ink), width: 2.25)

  /// The stroke of the line counted by `index`: 28 differ.
  static func stroke(_ index: Int) -> Stroke {
    Stroke(
      .color(colors[index % colors.count]), width: 2, dash: dashes[index % dashes.count])
  }

  static func band(of stroke: Stroke) -> Paint { Paint(stroke.paint.source, opacity: 0.14) }
}
