import Foundation

/// Writes several files into a folder so that each is whole or absent, the last one last.
///
/// Everything is first written beside the folder. A folder that did not exist appears by one
/// rename, complete; into one that did, the files move one by one.
struct FolderWriter {
  struct File {
    /// Relative to the folder; may name a subfolder.
    var name: String
    var bytes: [UInt8]
  }

  let path: String

  /// Whether the folder could be written: it or its nearest existing ancestor is a writable
  /// folder. Creates nothing.
  func check() throws(ResultsFolderError) {
    let manager = FileManager.default
    var ancestor = URL(fileURLWithPath: path).standardizedFileURL
    var isFolder: ObjCBool = false
    while !manager.fileExists(atPath: ancestor.path, isDirectory: &isFolder) {
      let parent = ancestor.deletingLastPathComponent()
      if parent.path == ancestor.path { break }
      ancestor = parent
    }
    guard isFolder.boolValue else {
      throw error("\(ancestor.path == path ? "it" : ancestor.path) is not a folder")
    }
    guard manager.isWritableFile(atPath: ancestor.path) else { throw error("no permission") }
  }

  /// Writes `files`, in order, replacing those of the same names.
  func write(_ files: [File]) throws(ResultsFolderError) {
    try check()
    let manager = FileManager.default
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let parent = target.deletingLastPathComponent()
    let staging = parent.appendingPathComponent(
      ".\(target.lastPathComponent).partial-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? manager.removeItem(at: staging) }
    do {
      try? manager.removeItem(at: staging)
      for file in files {
        let place = staging.appendingPathComponent(file.name)
        try manager.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(file.bytes).write(to: place)
      }
      if !manager.fileExists(atPath: target.path) {
        return try rename(staging, target)
      }
      for file in files {
        let place = target.appendingPathComponent(file.name)
        try manager.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try rename(staging.appendingPathComponent(file.name), place)
      }
    } catch {
      throw self.error(Self.reason(error))
    }
  }

  private func rename(_ from: URL, _ to: URL) throws {
    if Foundation.rename(from.path, to.path) != 0 {
      throw NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
    }
  }

  private func error(_ reason: String) -> ResultsFolderError {
    ResultsFolderError(path: path, problem: .cannotWrite(reason: reason))
  }

  /// The system's own words where the error has a code of the system at its root.
  private static func reason(_ error: any Error) -> String {
    var root = error as NSError
    // The underlying error is not always an NSError outside Apple's systems.
    while let underlying = root.userInfo[NSUnderlyingErrorKey] as? any Error {
      root = underlying as NSError
    }
    if root.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(root.code))) }
    return root.localizedDescription
  }
}
