import Foundation

/// What stands at a path, symbolic links followed.
public enum PathKind: Sendable {
  case missing, file, folder, other
  /// A symbolic link to nothing.
  case danglingLink

  public init(_ path: String) {
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

  /// Whether anything can be opened there.
  public var exists: Bool {
    switch self {
    case .missing, .danglingLink: false
    case .file, .folder, .other: true
    }
  }
}

/// A path taken apart and put together as text: nothing here follows symbolic links, because the
/// Hugging Face cache keeps the telling names on its links, and nothing expands `~`.
public struct FilePath: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { description = text }

  /// The last component, without trailing slashes; `/` for the root.
  public var lastComponent: String {
    let path = Self.trimmed(description)
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")), path.count > 1 else {
      return String(path) ?? ""
    }
    return String(path[path.index(after: slash)...]) ?? ""
  }

  /// The folder that holds this path; `.` for a bare name.
  public var parent: FilePath {
    let path = Self.trimmed(description)
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return FilePath(".") }
    let folder = String(Self.trimmed(String(path[...slash]) ?? "/")) ?? "/"
    return FilePath(folder)
  }

  /// The path from the root, without `.` and `..`.
  var absolute: FilePath {
    var whole = description
    if !whole.hasPrefix("/"), let current = getcwd(nil, 0) {
      whole = String(cString: current) + "/" + whole
      free(current)
    }
    var components: [Substring] = []
    for component in whole.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return FilePath("/" + components.joined(separator: "/"))
  }

  /// The path from the root to what is opened, symbolic links followed; `nil` where nothing is
  /// there.
  public var physical: FilePath? {
    guard let path = realpath(description, nil) else { return nil }
    defer { free(path) }
    return FilePath(String(cString: path))
  }

  /// The path from the root to the entry itself: links on the way to its folder are followed, one
  /// that it is itself is not.
  public var fromRoot: FilePath {
    let name = lastComponent
    if [".", "..", "/"].contains(name) { return physical ?? absolute }
    return parent.physical.map { $0 / name } ?? absolute
  }

  /// Lower-case extension without its dot; empty where there is none.
  package var lowercasedExtension: String {
    let name = lastComponent
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  public var kind: PathKind { PathKind(description) }

  /// Names of the entries of this folder, sorted by their bytes; empty where it cannot be read.
  public var entries: [String] {
    let names = (try? readEntries().get()) ?? []
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Names of the entries of this folder in no order, or why it cannot be read.
  package func readEntries() -> Result<[String], FileProblem> {
    guard let folder = opendir(description) else {
      return .failure(.unreadable(reason: String(cString: strerror(errno))))
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        let size = MemoryLayout.size(ofValue: name.pointee)
        return name.withMemoryRebound(to: CChar.self, capacity: size) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return .success(names)
  }

  public static func / (folder: FilePath, name: String) -> FilePath {
    let text = folder.description
    if text == "." || text.isEmpty { return FilePath(name) }
    return FilePath(text.hasSuffix("/") ? text + name : "\(text)/\(name)")
  }

  /// Without trailing slashes, the root's own excepted.
  private static func trimmed(_ text: String) -> Substring.UTF8View {
    var path = text[...].utf8
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    return path
  }
}
