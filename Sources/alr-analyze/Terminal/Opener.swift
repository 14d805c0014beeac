import Foundation
import ModelFiles

/// Shows a file in the program that the desktop has for it.
enum Opener {
  #if os(macOS)
    static let name = "open"
  #else
    static let name = "xdg-open"
  #endif

  /// Starts the platform's opener and waits until it has handed the file over.
  ///
  /// - Returns: why the file was not opened, in words; `nil` where it was.
  static func open(_ path: String, environment: [String: String]) -> String? {
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    // What lies in the current folder is no one's opener.
    let tools = folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
    guard let tool = tools.first(where: { PathKind($0) == .file && access($0, X_OK) == 0 }) else {
      return "this machine has no \(name)"
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    // A path that begins with a dash would be taken for an option.
    process.arguments = [FilePath(path).fromRoot.description]
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return "\(name) does not start" }
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? nil : "\(name) failed with exit code \(process.terminationStatus)"
  }
}
