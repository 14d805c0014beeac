import Foundation

/// The folder where Hugging Face tools keep what they have downloaded; nothing is ever fetched.
struct HuggingFaceCache {
  let root: FilePath

  /// The cache that the environment names: `HF_HUB_CACHE` or its older name, `HF_HOME/hub`, or the
  /// default.
  ///
  /// `~`, `$NAME` and `${NAME}` in these variables mean what they mean to huggingface_hub; an empty
  /// one counts as not set.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func value(_ name: String) -> FilePath? {
      guard let text = environment[name], !text.isEmpty else { return nil }
      return FilePath(UserPath.expandedVariable(text, environment: environment))
    }
    let cacheHome =
      value("XDG_CACHE_HOME")
      ?? FilePath(UserPath.resolved("~/.cache", environment: environment))
    let hub = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE")
    root = hub ?? (value("HF_HOME") ?? cacheHome / "huggingface") / "hub"
  }

  /// Whether models of that name were loaded without naming an organisation, as `gpt2` once was.
  func holds(_ name: String) -> Bool {
    Self.isRepository("org/" + name)
      && (root / "models--\(Self.parts(name).repository)").kind == .folder
  }

  private static func parts(_ text: String) -> (repository: String, revision: String?) {
    guard let at = text.firstIndex(of: "@") else { return (text, nil) }
    return (String(text[..<at]), String(text[text.index(after: at)...]))
  }

  /// `org/name` or `org/name@revision`, and nothing that could lead elsewhere.
  static func isRepository(_ text: String) -> Bool {
    text.wholeMatch(
      of: /[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9][A-Za-z0-9._\/-]*)?/)
      != nil && !text.contains("..")
  }

  /// The folder of the snapshot that `text` names: `org/name` or `org/name@revision`.
  ///
  /// A revision is a branch or tag, or a commit or its beginning. Without one it is what `main`
  /// points to, as for huggingface_hub, or else the only snapshot that holds a model.
  func snapshot(of text: String) throws(CheckpointError) -> FilePath {
    let (repository, revision) = Self.parts(text)
    let folder = root / ("models--" + repository.split(separator: "/").joined(separator: "--"))
    guard folder.kind == .folder else {
      throw CheckpointError(
        path: text, problem: .notInCache(repository: repository, cache: root.description))
    }
    return try Self.snapshot(in: folder, repository: repository, revision: revision)
  }

  /// The same for the cache's own folder of a repository, `models--org--name`; `nil` for others.
  static func snapshot(inRepositoryFolder folder: FilePath) throws(CheckpointError) -> FilePath? {
    let name = folder.absolute.lastComponent
    guard name.hasPrefix("models--"), (folder / "snapshots").kind == .folder else { return nil }
    return try snapshot(in: folder, repository: repository(ofFolder: name), revision: nil)
  }

  /// `org/name` of `models--org--name`.
  static func repository(ofFolder name: String) -> String {
    String(name.dropFirst("models--".count)).replacing("--", with: "/", maxReplacements: 1)
  }

  private static func snapshot(
    in folder: FilePath, repository: String, revision: String?
  ) throws(CheckpointError) -> FilePath {
    let snapshots = folder / "snapshots"
    let names = snapshots.entries.filter { (snapshots / $0).kind == .folder }
    let target = Self.target(of: folder / "refs" / (revision ?? "main"))
    if let target, names.contains(target) { return snapshots / target }
    if let revision {
      let found = names.filter { $0.hasPrefix(revision) }
      if found.count == 1 || found.contains(revision) {
        return snapshots / (found.contains(revision) ? revision : found[0])
      }
      throw CheckpointError(
        path: folder.description,
        problem: .revisionNotInCache(repository: repository, revision: revision, known: names))
    }
    let complete = names.filter { FolderContents.holdsModel(snapshots / $0) }
    if names.count == 1 || complete.count == 1 { return snapshots / (complete.first ?? names[0]) }
    throw CheckpointError(
      path: folder.description,
      problem: names.isEmpty
        ? .cacheWithoutSnapshot(repository: repository)
        : .revisionNotInCache(
          repository: repository, revision: nil, known: complete.isEmpty ? names : complete))
  }

  /// The repository's name where `path` lies inside a snapshot: snapshots are named by hashes.
  static func repositoryName(around path: FilePath) -> String? {
    let components = path.absolute.description.split(separator: "/")
    guard let snapshots = components.lastIndex(of: "snapshots"), snapshots > 0 else { return nil }
    let folder = components[snapshots - 1]
    guard folder.hasPrefix("models--") else { return nil }
    return folder.dropFirst("models--".count).components(separatedBy: "--").last
  }

  private static func target(of file: FilePath) -> String? {
    guard let file = try? MappedFile(file.description), file.count <= 256 else { return nil }
    return file.withBytes { String(decoding: $0, as: UTF8.self) }
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
