/// A point in scene units: x to the right, y down.
public struct Point: Sendable, Equatable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// An axis-aligned rectangle in scene units.
public struct Rectangle: Sendable, Equatable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public var maxX: Double { x + width }
  public var maxY: Double { y + height }
}

/// How a line is drawn; ends and joins are round.
public struct Stroke: Sendable, Equatable {
  public var paint: Paint
  /// In scene units.
  public var width: Double
  /// Lengths of dash and gap by turns; empty for a solid line.
  public var dash: [Double]

  public init(_ paint: Paint, width: Double = 1, dash: [Double] = []) {
    self.paint = paint
    self.width = width
    self.dash = dash
  }
}

/// One line of text, of any script; `LabelText.token` makes one of a token's bytes.
public struct Label: Sendable, Equatable {
  /// Which part of the text lies at `origin`.
  public enum Anchor: Sendable { case start, middle, end }
  public enum Weight: Sendable { case regular, bold }

  public var text: String
  /// On the baseline.
  public var origin: Point
  /// Size of the em in scene units.
  public var size: Double
  public var anchor: Anchor
  public var weight: Weight
  /// Degrees clockwise around `origin`; -90 reads upwards.
  public var rotation: Double
  public var paint: Paint
  /// The most that the text may take; each backend cuts what it draws of a longer one, and a
  /// script that PNG and PDF spell out is whole in SVG. `nil` where there is no limit.
  public var room: Double?

  public init(
    _ text: String, at origin: Point, size: Double, anchor: Anchor = .start,
    weight: Weight = .regular, rotation: Double = 0, paint: Paint = .role(.ink),
    room: Double? = nil
  ) {
    self.room = room
    self.text = text
    self.origin = origin
    self.size = size
    self.anchor = anchor
    self.weight = weight
    self.rotation = rotation
    self.paint = paint
  }
}

/// A grid of equal coloured cells, row by row.
public struct CellGrid: Sendable, Equatable {
  public var origin: Point
  public var rows: Int
  public var columns: Int
  public var cellWidth: Double
  public var cellHeight: Double
  /// Left empty at the right and the bottom of every cell.
  public var gap: Double
  /// (rows, columns); `nil` draws nothing.
  public var colors: [Color?]

  public init(
    origin: Point, rows: Int, columns: Int, cellWidth: Double, cellHeight: Double,
    gap: Double = 0, colors: [Color?]
  ) {
    self.origin = origin
    self.rows = rows
    self.columns = columns
    self.cellWidth = cellWidth
    self.cellHeight = cellHeight
    self.gap = gap
    self.colors = colors
  }

  /// The rectangle that a cell fills.
  public func rectangle(row: Int, column: Int) -> Rectangle {
    Rectangle(
      x: origin.x + Double(column) * cellWidth, y: origin.y + Double(row) * cellHeight,
      width: cellWidth - gap, height: cellHeight - gap)
  }
}

/// What a scene is made of.
public enum Primitive: Sendable, Equatable {
  case rectangle(Rectangle, Paint)
  case polyline([Point], Stroke)
  case polygon([Point], Paint)
  case label(Label)
  case cells(CellGrid)
  /// Discs of one diameter; where they overlap their opacities do not add up.
  case dots([Point], diameter: Double, Paint)
}

/// A drawing that no backend and no theme has been chosen for yet: primitives from back to front.
public struct Scene: Sendable, Equatable {
  /// In scene units; one unit is a CSS pixel in SVG, a point in PDF, `scale` pixels in PNG.
  public var width: Double
  public var height: Double
  /// Read out by screen readers.
  public var title: String
  /// What can be seen, in a sentence or two, for who cannot see it.
  public var summary: String
  public var primitives: [Primitive]

  public init(
    width: Double, height: Double, title: String, summary: String, primitives: [Primitive] = []
  ) {
    self.width = width
    self.height = height
    self.title = title
    self.summary = summary
    self.primitives = primitives
  }

  public mutating func add(_ primitive: Primitive) { primitives.append(primitive) }

  public mutating func add(_ label: Label) { primitives.append(.label(label)) }

  /// A straight line.
  public mutating func addLine(from start: Point, to end: Point, _ stroke: Stroke) {
    primitives.append(.polyline([start, end], stroke))
  }
}
