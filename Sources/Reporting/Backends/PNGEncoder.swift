/// Writes PNG files (8-bit RGB, not interlaced).
enum PNGEncoder {
  /// The file of a picture; `rgb` is (height, width, 3).
  static func encode(width: Int, height: Int, rgb: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    appendChunk(
      "IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0], to: &file)
    appendChunk(
      "IDAT", Zlib.compressed(filtered(width: width, height: height, rgb: rgb)), to: &file)
    appendChunk("IEND", [], to: &file)
    return file
  }

  /// Rows with their filter byte: `Up` (all zeros) where a row repeats the one above, else none.
  private static func filtered(width: Int, height: Int, rgb: [UInt8]) -> [UInt8] {
    let rowBytes = width * 3
    var output = [UInt8](repeating: 0, count: (rowBytes + 1) * height)
    output.withUnsafeMutableBytes { output in
      rgb.withUnsafeBytes { rgb in
        for row in 0..<height {
          let current = UnsafeRawBufferPointer(
            rebasing: rgb[(row * rowBytes)..<((row + 1) * rowBytes)])
          let start = row * (rowBytes + 1)
          if row > 0, isEqual(current, rgb, from: (row - 1) * rowBytes) {
            output[start] = 2
          } else {
            UnsafeMutableRawBufferPointer(rebasing: output[(start + 1)..<(start + 1 + rowBytes)])
              .copyMemory(from: current)
          }
        }
      }
    }
    return output
  }

  private static func isEqual(
    _ row: UnsafeRawBufferPointer, _ all: UnsafeRawBufferPointer, from start: Int
  ) -> Bool {
    var index = 0
    while index < row.count {
      if row[index] != all[start + index] { return false }
      index += 1
    }
    return true
  }

  private static func appendChunk(_ type: String, _ body: [UInt8], to file: inout [UInt8]) {
    let checked = Array(type.utf8) + body
    file += bigEndian(body.count)
    file += checked
    file += bigEndian(Int(Zlib.checksum(checked)))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    let word = UInt32(truncatingIfNeeded: value)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
  }
}
