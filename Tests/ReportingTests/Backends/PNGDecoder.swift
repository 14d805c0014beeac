import CZlib

/// Reads back what the encoder writes: 8-bit RGB, filters `None` and `Up`.
struct PNGDecoder {
  struct Broken: Error {
    var reason: String
  }

  var width = 0
  var height = 0
  /// (height, width, 3)
  var rgb: [UInt8] = []

  init(_ file: [UInt8]) throws {
    guard Array(file.prefix(8)) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] else {
      throw Broken(reason: "signature")
    }
    var offset = 8
    var compressed: [UInt8] = []
    var types: [String] = []
    while offset + 12 <= file.count {
      let length = Self.word(file, offset)
      let type = Array(file[(offset + 4)..<(offset + 8)])
      let body = Array(file[(offset + 8)..<(offset + 8 + length)])
      let checked = type + body
      guard crc32(0, checked, uInt(checked.count)) == uLong(Self.word(file, offset + 8 + length))
      else { throw Broken(reason: "checksum") }
      types.append(String(decoding: type, as: UTF8.self))
      if types.last == "IHDR" {
        width = Self.word(body, 0)
        height = Self.word(body, 4)
        guard Array(body[8...]) == [8, 2, 0, 0, 0] else { throw Broken(reason: "kind") }
      }
      if types.last == "IDAT" { compressed += body }
      offset += 12 + length
    }
    guard types.first == "IHDR", types.last == "IEND", offset == file.count else {
      throw Broken(reason: "chunks \(types)")
    }
    let rowBytes = width * 3
    var raw = [UInt8](repeating: 0, count: (rowBytes + 1) * height)
    var length = uLong(raw.count)
    guard uncompress(&raw, &length, compressed, uLong(compressed.count)) == Z_OK,
      Int(length) == raw.count
    else { throw Broken(reason: "stream") }
    rgb = [UInt8](repeating: 0, count: rowBytes * height)
    for row in 0..<height {
      let filter = raw[row * (rowBytes + 1)]
      guard filter == 0 || filter == 2 else { throw Broken(reason: "filter \(filter)") }
      for column in 0..<rowBytes {
        let above = filter == 2 && row > 0 ? rgb[(row - 1) * rowBytes + column] : 0
        rgb[row * rowBytes + column] = raw[row * (rowBytes + 1) + 1 + column] &+ above
      }
    }
  }

  func pixel(_ x: Int, _ y: Int) -> [UInt8] {
    Array(rgb[((y * width + x) * 3)..<((y * width + x) * 3 + 3)])
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
  }
}
