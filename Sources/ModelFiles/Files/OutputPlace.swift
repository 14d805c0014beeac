import Foundation

/// The folder that a path means for writing: found once, so that what is checked is what is
/// written.
///
/// Symbolic links on the way are followed, as far as anything exists, and `..` leads to the parent
/// of what a link leads to, as the system has it.
public struct OutputPlace: Sendable, Equatable {
  /// The deepest folder on the way that exists: from the root, without links.
  public let ground: String
  /// Names of the folders that are to be made in it, each in the one before; empty where the folder
  /// exists.
  public let missing: [String]

  /// Why nothing can be written at a path.
  public enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
    case emptyPath
    /// A symbolic link to nothing; where it points, nothing was checked.
    case danglingLink(String)
    case notAFolder(String)
    case noPermission
    /// The system's own words.
    case system(reason: String)

    public var description: String {
      switch self {
      case .emptyPath: "the path is empty"
      case .danglingLink(let path): "\(path) is a symbolic link to a folder that does not exist"
      case .notAFolder(let path): "\(path) is not a folder"
      case .noPermission: "no permission"
      case .system(let reason): reason
      }
    }
  }

  /// Finds the folder; creates nothing.
  public init(_ path: String) throws(Problem) {
    guard !path.isEmpty else { throw .emptyPath }
    var existing = FilePath(path)
    var missing: [String] = []
    while true {
      if let found = existing.physical {
        // `..` of a folder that is yet to be made is where it will be made.
        var names: [String] = []
        var ground = found
        for name in missing.reversed() where name != "." {
          if name != ".." {
            names.append(name)
          } else if names.popLast() == nil {
            ground = ground.parent
          }
        }
        guard found.kind == .folder else {
          throw .notAFolder(missing.isEmpty ? "it" : existing.description)
        }
        self.ground = ground.description
        self.missing = names
        return
      }
      let code = errno
      let parent = existing.parent
      switch code {
      case ENOENT where existing.kind == .danglingLink:
        throw .danglingLink(missing.isEmpty ? "it" : existing.description)
      case ENOENT, ENOTDIR: break
      case EACCES: throw .noPermission
      default: throw .system(reason: String(cString: strerror(code)))
      }
      guard parent != existing else { throw .system(reason: String(cString: strerror(code))) }
      missing.append(existing.lastComponent)
      existing = parent
    }
  }

  /// The folder itself, from the root.
  public var path: String { missing.reduce(FilePath(ground)) { $0 / $1 }.description }

  /// Whether entries may be made in it, or in the folder that it will be in.
  public func checkPermission() throws(Problem) {
    if missing.contains(where: { $0.utf8.count > Int(NAME_MAX) }) {
      throw .system(reason: String(cString: strerror(ENAMETOOLONG)))
    }
    guard access(ground, W_OK | X_OK) != 0 else { return }
    if errno == EACCES { throw .noPermission }
    throw .system(reason: String(cString: strerror(errno)))
  }
}
