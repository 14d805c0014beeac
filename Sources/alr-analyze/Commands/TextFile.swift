import Foundation
import ModelFiles

/// One text as it stands: a file of any kind, a pipe, or standard input.
enum TextFile {
  /// The text cannot be read.
  struct Problem: ExitCoded, Equatable, CustomStringConvertible {
    var path: String
    var reason: String
    var isMissing: Bool

    var exitCode: ExitCode { isMissing ? .noInput : .badInput }
    var description: String { "\(path): \(reason)" }
  }

  /// All bytes of `path`, where `-` is standard input.
  static func read(_ path: String) throws(Problem) -> [UInt8] {
    if path != "-", !FileManager.default.fileExists(atPath: path) {
      throw Problem(path: path, reason: "no such file", isMissing: true)
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw Problem(path: path, reason: "a folder, not a text", isMissing: false)
    }
    do {
      let handle =
        path == "-"
        ? FileHandle.standardInput
        : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      return [UInt8](try handle.readToEnd() ?? Data())
    } catch {
      throw Problem(path: path, reason: "cannot be read", isMissing: false)
    }
  }
}
