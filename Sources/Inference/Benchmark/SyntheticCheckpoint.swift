import Foundation
import ModelFiles

/// A checkpoint with one random bf16 matrix, for timing products of any shape.
enum SyntheticCheckpoint {
  /// Writes the matrix (rows, columns) to a temporary folder, maps it and removes the folder: the
  /// map keeps the contents.
  static func matrix(rows: Int, columns: Int) throws -> Checkpoint {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "alr-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = rows * columns * 2
    let header =
      #"{"matrix":{"dtype":"BF16","shape":[\#(rows),\#(columns)],"data_offsets":[0,\#(bytes)]}}"#
    var data = Data(capacity: 8 + header.utf8.count + bytes)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    data.append(randomWeights(rows * columns))
    try data.write(to: folder.appending(path: "model.safetensors"))
    try Data("{}".utf8).write(to: folder.appending(path: "config.json"))
    return try Checkpoint.open(folder.path)
  }

  /// bf16 numbers between -2 and 2, away from zero: nothing is subnormal.
  private static func randomWeights(_ count: Int) -> Data {
    var state: UInt32 = 1
    let values = [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        state = state &* 1_664_525 &+ 1_013_904_223
        let exponent: UInt16 = 0x3F00
        buffer[index] = UInt16(truncatingIfNeeded: state >> 16) & 0x80FF | exponent
      }
      initialized = count
    }
    return values.withUnsafeBytes { Data($0) }
  }
}
