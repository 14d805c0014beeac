import Foundation

/// Writes several files into a folder so that each is whole or absent, the last one last.
///
/// Everything is first written beside the folder. A folder that did not exist appears by one
/// rename, complete; into one that did, the files move one by one.
struct FolderWriter {
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
  ///
  /// - Parameter stale: entries of the folder, none inside another, that go away when `files`
  ///   come; they stay where writing fails.
  func write(
    _ files: [ResultsFolder.Attachment], replacing stale: [String] = []
  ) throws(ResultsFolderError) {
    try check()
    let manager = FileManager.default
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let parent = target.deletingLastPathComponent()
    let process = ProcessInfo.processInfo.processIdentifier
    let staging = parent.appendingPathComponent(".\(target.lastPathComponent).partial-\(process)")
    let aside = parent.appendingPathComponent(".\(target.lastPathComponent).replaced-\(process)")
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
      let kept = try setAside(stale, of: target, in: aside)
      do {
        for file in files {
          let place = target.appendingPathComponent(file.name)
          try manager.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
          try rename(staging.appendingPathComponent(file.name), place)
        }
      } catch {
        restore(kept, of: target, from: aside)
        throw error
      }
      try? manager.removeItem(at: aside)
    } catch {
      throw self.error(Self.reason(error))
    }
  }

  /// Moves entries of `target` into `aside` and returns those that were there.
  private func setAside(_ names: [String], of target: URL, in aside: URL) throws -> [String] {
    let manager = FileManager.default
    let present = names.filter {
      manager.fileExists(atPath: target.appendingPathComponent($0).path)
    }
    if present.isEmpty { return [] }
    try? manager.removeItem(at: aside)
    var moved: [String] = []
    do {
      for name in present {
        let place = aside.appendingPathComponent(name)
        try manager.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try rename(target.appendingPathComponent(name), place)
        moved.append(name)
      }
    } catch {
      restore(moved, of: target, from: aside)
      throw error
    }
    return moved
  }

  private func restore(_ names: [String], of target: URL, from aside: URL) {
    let manager = FileManager.default
    for name in names {
      let place = target.appendingPathComponent(name)
      try? manager.removeItem(at: place)
      let kept = aside.appendingPathComponent(name)
      try? rename(kept, place)
      // Only when empty: what could not be moved back is not deleted.
      rmdir(kept.deletingLastPathComponent().path)
    }
    rmdir(aside.path)
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
