import Foundation

/// A path as a person writes it, on a command line or in a variable, made into the one that is
/// opened.
///
/// Nothing else expands `~`: what is checked and what is written are the same place only if the
/// text between them means the same to everyone. So no Foundation function is given a path that
/// came from outside (some of them expand `~` by themselves, others do not), and what comes out
/// here never begins with `~`, whoever reads it.
public enum UserPath {
  /// Expands `~` and `~user` at the head of `text` as Python's `os.path.expanduser` does: the home
  /// folder is `HOME` where that is set, else, as for `~user`, what the system knows.
  ///
  /// A name that no user has stands for itself: `~x` is then the entry `./~x` of the current
  /// folder.
  public static func resolved(_ text: String, environment: [String: String]) -> String {
    guard text.utf8.first == UInt8(ascii: "~") else { return text }
    let name = text.dropFirst().prefix { $0 != "/" }
    guard var home = home(of: String(name), environment: environment) else { return "./" + text }
    while home.hasSuffix("/") { home.removeLast() }
    let path = home + text.dropFirst(1 + name.count)
    if path.isEmpty { return "/" }
    return path.utf8.first == UInt8(ascii: "~") ? "./" + path : path
  }

  /// Expands, besides `~`, `$NAME` and `${NAME}` where such a variable is set, as Python's
  /// `os.path.expandvars` does.
  static func expandedVariable(_ text: String, environment: [String: String]) -> String {
    let path = resolved(text, environment: environment)
    return path.replacing(/\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/) { match in
      let name = match.1 ?? match.2 ?? ""
      return environment[String(name)] ?? String(match.0)
    }
  }

  private static func home(of user: String, environment: [String: String]) -> String? {
    if user.isEmpty {
      if let home = environment["HOME"] { return home }
      return getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
    }
    return getpwnam(user).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
  }
}
