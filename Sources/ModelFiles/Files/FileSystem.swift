import Foundation

/// What stands at a path, symbolic links followed.
enum PathKind: Sendable {
  case missing, file, folder, other
  /// A symbolic link to nothing.
  case danglingLink

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self =
        lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK ? .danglingLink : .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

/// A path taken apart and put together as text: nothing here follows symbolic links, because the
/// Hugging Face cache keeps the telling names on its links.
struct FilePath: Sendable, Hashable, CustomStringConvertible {
  let description: String

  init(_ text: String) { description = text }

  /// The last component, without trailing slashes.
  var lastComponent: String { (description as NSString).lastPathComponent }

  /// The folder that holds this path; `.` for a bare name.
  var parent: FilePath {
    let parent = (description as NSString).deletingLastPathComponent
    return FilePath(parent.isEmpty ? "." : parent)
  }

  /// The path from the root, without `.` and `..`.
  var absolute: FilePath {
    FilePath(URL(fileURLWithPath: description).standardized.path)
  }

  /// Lower-case extension without its dot; empty where there is none.
  var lowercasedExtension: String { (description as NSString).pathExtension.lowercased() }

  var kind: PathKind { PathKind(description) }

  /// Names of the entries of this folder, sorted by their bytes; empty where it cannot be read.
  var entries: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: description)) ?? []
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  static func / (folder: FilePath, name: String) -> FilePath {
    folder.description == "." || folder.description.isEmpty
      ? FilePath(name)
      : FilePath((folder.description as NSString).appendingPathComponent(name))
  }
}
