import Foundation
import ModelFiles

/// Writes several files into a folder so that each is whole or absent, the last one last.
///
/// Everything is first written into a hidden folder, in the deepest folder on the way that exists.
/// A folder that did not exist then appears by one rename, complete; into one that did, the files
/// move one by one.
struct FolderWriter {
  /// As errors name the folder.
  let path: String
  /// Found when the folder was named.
  let place: Result<OutputPlace, OutputPlace.Problem>

  /// Whether the folder could be written: it or its nearest existing ancestor is a writable
  /// folder. Creates nothing.
  func check() throws(ResultsFolderError) { _ = try checkedPlace() }

  /// The place as it is now.
  private func checkedPlace() throws(ResultsFolderError) -> OutputPlace {
    do throws(OutputPlace.Problem) {
      // The same place, of which more may exist by now.
      let place = try OutputPlace(place.get().path)
      try place.checkPermission()
      return place
    } catch {
      throw self.error("\(error)")
    }
  }

  /// Writes `files`, in order, replacing those of the same names.
  ///
  /// - Parameter stale: entries of the folder, none inside another, that go away when `files`
  ///   come; they stay where writing fails.
  func write(
    _ files: [ResultsFolder.Attachment], replacing stale: [String] = []
  ) throws(ResultsFolderError) {
    let place = try checkedPlace()
    let staging = FilePath(place.ground) / ".alr-partial-\(getpid())"
    var isDone = false
    defer { UnfinishedFiles.finish(staging, hasWritten: isDone) }
    do throws(SystemError) {
      try UnfinishedFiles.step(staging) { () throws(SystemError) in
        // That of a process of the same number that was killed.
        FileTree.remove(staging)
        try FileTree.makeFolder(staging)
      }
      // What is yet to be made is made here, around the files.
      let inner = place.missing.map { $0 + "/" }.joined()
      for file in files {
        try UnfinishedFiles.step(staging) { () throws(SystemError) in
          try FileTree.makeFolders(of: inner + file.name, in: staging)
        }
        try FileTree.write(
          file.bytes, to: staging / (inner + file.name), unfinishedIn: staging)
      }
      try UnfinishedFiles.step(staging) { () throws(SystemError) in
        try publish(files, of: place, from: staging, replacing: stale)
      }
      isDone = true
    } catch {
      throw self.error(error.reason)
    }
  }

  /// Puts what is whole in `staging` in its place, in one rename where the folder is not there.
  private func publish(
    _ files: [ResultsFolder.Attachment], of place: OutputPlace, from staging: FilePath,
    replacing stale: [String]
  ) throws(SystemError) {
    for made in place.missing.indices {
      let name = place.missing[...made].joined(separator: "/")
      let target = FilePath(place.ground) / name
      // Another run may have made a folder on the way by now, such as that of all results.
      if target.kind.exists { continue }
      do throws(SystemError) {
        return try FileTree.rename(staging / name, target)
      } catch {
        guard target.kind.exists else { throw error }
      }
    }
    let inner = place.missing.joined(separator: "/")
    try moveIn(
      files, from: inner.isEmpty ? staging : staging / inner, to: FilePath(place.path),
      aside: FilePath(place.ground) / "\(staging.lastComponent)-replaced", replacing: stale)
  }

  /// Moves `files` one by one, after what is stale; where that fails, what was stale comes back.
  private func moveIn(
    _ files: [ResultsFolder.Attachment], from staging: FilePath, to target: FilePath,
    aside: FilePath, replacing stale: [String]
  ) throws(SystemError) {
    let kept = try setAside(stale, of: target, in: aside)
    do throws(SystemError) {
      for file in files {
        try FileTree.makeFolders(of: file.name, in: target)
        try FileTree.rename(staging / file.name, target / file.name)
      }
    } catch {
      restore(kept, of: target, from: aside)
      throw error
    }
    FileTree.remove(aside)
  }

  /// Moves entries of `target` into `aside` and returns those that were there.
  private func setAside(
    _ names: [String], of target: FilePath, in aside: FilePath
  ) throws(SystemError) -> [String] {
    let present = names.filter { (target / $0).kind != .missing }
    if present.isEmpty { return [] }
    FileTree.remove(aside)
    try FileTree.makeFolder(aside)
    var moved: [String] = []
    do throws(SystemError) {
      for name in present {
        try FileTree.makeFolders(of: name, in: aside)
        try FileTree.rename(target / name, aside / name)
        moved.append(name)
      }
    } catch {
      restore(moved, of: target, from: aside)
      throw error
    }
    return moved
  }

  private func restore(_ names: [String], of target: FilePath, from aside: FilePath) {
    for name in names {
      FileTree.remove(target / name)
      let kept = aside / name
      try? FileTree.rename(kept, target / name)
      // Only when empty: what could not be moved back is not deleted.
      rmdir(kept.parent.description)
    }
    rmdir(aside.description)
  }

  private func error(_ reason: String) -> ResultsFolderError {
    ResultsFolderError(path: path, problem: .cannotWrite(reason: reason))
  }
}
