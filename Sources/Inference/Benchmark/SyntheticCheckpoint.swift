import Foundation
import ModelFiles

/// A checkpoint with one random bf16 matrix, for timing products of any shape.
enum SyntheticCheckpoint {
  /// Writes the matrix (rows, columns) to a temporary folder, maps it and removes the folder: the
  /// map keeps the contents.
  ///
  /// - Throws: `InferenceError.cannotWrite` where there is no room for it.
  static func matrix(rows: Int, columns: Int) throws -> Checkpoint {
    let bytes = rows * columns * 2
    let header =
      #"{"matrix":{"dtype":"BF16","shape":[\#(rows),\#(columns)],"data_offsets":[0,\#(bytes)]}}"#
    var data: [UInt8] = []
    data.reserveCapacity(8 + header.utf8.count + bytes)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    randomWeights(rows * columns).withUnsafeBytes { data.append(contentsOf: $0) }

    let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    let folder = FilePath(named.isEmpty ? "/tmp" : named) / "alr-bench-\(UUID().uuidString)"
    defer { UnfinishedFiles.finish(folder, hasWritten: false) }
    do throws(SystemError) {
      try UnfinishedFiles.step(folder) { () throws(SystemError) in
        try FileTree.makeFolder(folder)
      }
      for (name, bytes) in [("model.safetensors", data), ("config.json", Array("{}".utf8))] {
        try FileTree.write(bytes, to: folder / name, unfinishedIn: folder)
      }
    } catch {
      throw InferenceError.cannotWrite(path: folder.description, reason: error.reason)
    }
    return try Checkpoint.open(folder.description)
  }

  /// bf16 numbers between -2 and 2, away from zero: nothing is subnormal.
  private static func randomWeights(_ count: Int) -> [UInt16] {
    var state: UInt32 = 1
    return [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        state = state &* 1_664_525 &+ 1_013_904_223
        let exponent: UInt16 = 0x3F00
        buffer[index] = UInt16(truncatingIfNeeded: state >> 16) & 0x80FF | exponent
      }
      initialized = count
    }
  }
}
