/// A picture that shapes are painted on with anti-aliased edges; 8 bits a component, no alpha.
struct Canvas {
  let width: Int
  let height: Int
  /// (height, width, 3)
  private(set) var pixels: [UInt8]

  init(width: Int, height: Int, background: Color) {
    self.width = width
    self.height = height
    let (red, green, blue) = background.bytes
    let count = width * height
    pixels = [UInt8](unsafeUninitializedCapacity: count * 3) { buffer, initialized in
      var index = 0
      while index < count * 3 {
        buffer[index] = red
        buffer[index + 1] = green
        buffer[index + 2] = blue
        index += 3
      }
      initialized = count * 3
    }
  }

  /// Fills an axis-aligned rectangle; a pixel at its edge is covered by the area that lies inside.
  mutating func fill(_ rectangle: Rectangle, color: Color, opacity: Double = 1) {
    guard let area = pixelArea(rectangle.x, rectangle.y, rectangle.maxX, rectangle.maxY) else {
      return
    }
    let brush = Brush(color: color, opacity: opacity)
    let columns = (area.minX..<area.maxX).map { x in
      min(Double(x + 1), rectangle.maxX) - max(Double(x), rectangle.x)
    }
    pixels.withUnsafeMutableBufferPointer { pixels in
      for y in area.minY..<area.maxY {
        let vertical = min(Double(y + 1), rectangle.maxY) - max(Double(y), rectangle.y)
        for x in area.minX..<area.maxX {
          let horizontal = columns[x - area.minX]
          brush.paint(pixels, at: (y * width + x) * 3, coverage: vertical * horizontal)
        }
      }
    }
  }

  /// Draws lines of `lineWidth` pixels with round ends and joins. Where strokes of one call cross
  /// they do not add up.
  mutating func stroke(
    _ lines: [[Point]], lineWidth: Double, color: Color, opacity: Double = 1
  ) {
    let points = lines.joined()
    guard let first = points.first else { return }
    var bounds = (minX: first.x, minY: first.y, maxX: first.x, maxY: first.y)
    for point in points {
      bounds.minX = min(bounds.minX, point.x)
      bounds.minY = min(bounds.minY, point.y)
      bounds.maxX = max(bounds.maxX, point.x)
      bounds.maxY = max(bounds.maxY, point.y)
    }
    let reach = lineWidth / 2 + 1
    guard
      let area = pixelArea(
        bounds.minX - reach, bounds.minY - reach, bounds.maxX + reach, bounds.maxY + reach)
    else { return }
    var mask = CoverageMask(area: area)
    for line in lines {
      for index in line.indices {
        mask.addSegment(
          from: line[index == 0 ? 0 : index - 1], to: line[index], halfWidth: lineWidth / 2)
      }
    }
    blend(mask, color: color, opacity: opacity)
  }

  /// Fills a polygon that does not cross itself; coverage is the exact area of each pixel inside.
  mutating func fill(_ polygon: [Point], color: Color, opacity: Double = 1) {
    guard polygon.count > 2, polygon.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return }
    let minX = polygon.map(\.x).min() ?? 0
    let maxX = polygon.map(\.x).max() ?? 0
    let minY = polygon.map(\.y).min() ?? 0
    let maxY = polygon.map(\.y).max() ?? 0
    guard let area = pixelArea(minX, minY, maxX, maxY) else { return }
    var mask = CoverageMask(area: area)
    mask.setArea(of: polygon)
    blend(mask, color: color, opacity: opacity)
  }

  private mutating func blend(_ mask: CoverageMask, color: Color, opacity: Double) {
    let area = mask.area
    let brush = Brush(color: color, opacity: opacity)
    pixels.withUnsafeMutableBufferPointer { pixels in
      mask.values.withUnsafeBufferPointer { coverage in
        var index = 0
        for y in area.minY..<area.maxY {
          for x in area.minX..<area.maxX {
            let covered = coverage[index]
            index += 1
            if covered > 0 {
              brush.paint(pixels, at: (y * width + x) * 3, coverage: Double(covered))
            }
          }
        }
      }
    }
  }

  /// The pixels that a rectangle touches; `nil` where there are none.
  private func pixelArea(_ minX: Double, _ minY: Double, _ maxX: Double, _ maxY: Double)
    -> PixelArea?
  {
    guard minX.isFinite, minY.isFinite, maxX.isFinite, maxY.isFinite else { return nil }
    func clamped(_ value: Double, _ limit: Int) -> Int { Int(min(max(value, 0), Double(limit))) }
    let area = PixelArea(
      minX: clamped(minX.rounded(.down), width), minY: clamped(minY.rounded(.down), height),
      maxX: clamped(maxX.rounded(.up), width), maxY: clamped(maxY.rounded(.up), height))
    return area.maxX > area.minX && area.maxY > area.minY ? area : nil
  }
}

/// A colour on its way onto pixels.
private struct Brush {
  let red: UInt8
  let green: UInt8
  let blue: UInt8
  let opacity: Double

  init(color: Color, opacity: Double) {
    (red, green, blue) = color.bytes
    self.opacity = min(max(opacity, 0), 1)
  }

  /// Mixes the colour into the pixel whose red byte is at `index`.
  func paint(_ pixels: UnsafeMutableBufferPointer<UInt8>, at index: Int, coverage: Double) {
    // In 256ths, which debug builds blend several times faster than floating point.
    let share = Int(min(max(coverage, 0), 1) * opacity * 256 + 0.5)
    if share == 256 {
      pixels[index] = red
      pixels[index + 1] = green
      pixels[index + 2] = blue
      return
    }
    let rest = 256 - share
    pixels[index] = UInt8((Int(pixels[index]) * rest + Int(red) * share + 128) >> 8)
    pixels[index + 1] = UInt8((Int(pixels[index + 1]) * rest + Int(green) * share + 128) >> 8)
    pixels[index + 2] = UInt8((Int(pixels[index + 2]) * rest + Int(blue) * share + 128) >> 8)
  }
}

/// A half-open range of pixels.
struct PixelArea: Sendable {
  var minX: Int
  var minY: Int
  var maxX: Int
  var maxY: Int
  var width: Int { maxX - minX }
  var height: Int { maxY - minY }
}

/// How far a shape covers each pixel of an area: 0 not at all, 1 wholly.
struct CoverageMask {
  let area: PixelArea
  /// (height, width) of the area.
  private(set) var values: [Float]

  init(area: PixelArea) {
    self.area = area
    values = [Float](repeating: 0, count: area.width * area.height)
  }

  /// Raises coverage to that of a line with round ends: a pixel is a box of width 1 along the
  /// normal, so that lines thinner than a pixel fade instead of breaking up.
  mutating func addSegment(from start: Point, to end: Point, halfWidth: Double) {
    guard start.x.isFinite, start.y.isFinite, end.x.isFinite, end.y.isFinite else { return }
    let reach = halfWidth + 1
    func clamped(_ value: Double, _ low: Int, _ high: Int) -> Int {
      Int(min(max(value, Double(low)), Double(high)))
    }
    let minX = clamped((min(start.x, end.x) - reach).rounded(.down), area.minX, area.maxX)
    let maxX = clamped((max(start.x, end.x) + reach).rounded(.up), area.minX, area.maxX)
    let minY = clamped((min(start.y, end.y) - reach).rounded(.down), area.minY, area.maxY)
    let maxY = clamped((max(start.y, end.y) + reach).rounded(.up), area.minY, area.maxY)
    guard minX < maxX, minY < maxY else { return }
    let deltaX = end.x - start.x
    let deltaY = end.y - start.y
    let lengthSquared = deltaX * deltaX + deltaY * deltaY
    let width = area.width
    values.withUnsafeMutableBufferPointer { values in
      for y in minY..<maxY {
        let fromY = Double(y) + 0.5 - start.y
        let rowStart = (y - area.minY) * width - area.minX
        for x in minX..<maxX {
          let fromX = Double(x) + 0.5 - start.x
          let along =
            lengthSquared > 0
            ? min(max((fromX * deltaX + fromY * deltaY) / lengthSquared, 0), 1) : 0
          let offX = fromX - along * deltaX
          let offY = fromY - along * deltaY
          let distance = (offX * offX + offY * offY).squareRoot()
          let covered = Float(
            min(distance + 0.5, halfWidth) - max(distance - 0.5, -halfWidth))
          if covered > values[rowStart + x] { values[rowStart + x] = min(covered, 1) }
        }
      }
    }
  }

  /// Sets coverage to the exact area of `polygon` in each pixel.
  ///
  /// Each edge adds the signed area to its right within the pixels it crosses; a running sum
  /// along each row then gives what lies inside.
  mutating func setArea(of polygon: [Point]) {
    let width = area.width
    var accumulated = [Double](repeating: 0, count: (width + 2) * area.height)
    let stride = width + 2
    for index in polygon.indices {
      let from = polygon[index]
      let to = polygon[index + 1 == polygon.count ? 0 : index + 1]
      guard from.y != to.y else { continue }
      let direction = from.y < to.y ? 1.0 : -1.0
      let upper = from.y < to.y ? from : to
      let lower = from.y < to.y ? to : from
      let slope = (lower.x - upper.x) / (lower.y - upper.y)
      for row in 0..<area.height {
        let top = max(Double(row + area.minY), upper.y)
        let bottom = min(Double(row + area.minY + 1), lower.y)
        guard bottom > top else { continue }
        let firstX = upper.x + (top - upper.y) * slope - Double(area.minX)
        let lastX = upper.x + (bottom - upper.y) * slope - Double(area.minX)
        let left = min(max(min(firstX, lastX), 0), Double(width))
        let right = min(max(max(firstX, lastX), 0), Double(width))
        let total = (bottom - top) * direction
        let firstColumn = Int(left)
        let lastColumn = Int(right)
        if firstColumn == lastColumn {
          let part = (left + right) / 2 - Double(firstColumn)
          accumulated[row * stride + firstColumn] += total * (1 - part)
          accumulated[row * stride + firstColumn + 1] += total * part
        } else {
          for column in firstColumn...lastColumn {
            let begin = max(left, Double(column))
            let end = min(right, Double(column + 1))
            guard end > begin else { continue }
            let share = total * (end - begin) / (right - left)
            let part = (begin + end) / 2 - Double(column)
            accumulated[row * stride + column] += share * (1 - part)
            accumulated[row * stride + column + 1] += share * part
          }
        }
      }
    }
    for row in 0..<area.height {
      var sum = 0.0
      for column in 0..<width {
        sum += accumulated[row * stride + column]
        values[row * width + column] = Float(min(abs(sum), 1))
      }
    }
  }
}
