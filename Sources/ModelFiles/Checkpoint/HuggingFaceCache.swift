import Foundation

/// The folder where Hugging Face tools keep what they have downloaded; nothing is ever fetched.
struct HuggingFaceCache {
  let root: FilePath

  /// The cache that the environment names: `HF_HUB_CACHE` or its older name, `HF_HOME/hub`, or the
  /// default.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func value(_ name: String) -> FilePath? {
      guard let text = environment[name], !text.isEmpty else { return nil }
      return FilePath((text as NSString).expandingTildeInPath)
    }
    let cacheHome = value("XDG_CACHE_HOME") ?? FilePath(NSHomeDirectory()) / ".cache"
    let hub = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE")
    root = hub ?? (value("HF_HOME") ?? cacheHome / "huggingface") / "hub"
  }

  /// Whether models of that name were loaded without naming an organisation, as `gpt2` once was.
  func holds(_ name: String) -> Bool {
    Self.isRepository("org/" + name) && (root / "models--\(name)").kind == .folder
  }

  /// `org/name`, and nothing that could lead elsewhere.
  static func isRepository(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*/) != nil
      && !text.contains("..")
  }

  /// The folder of the snapshot that `main` points to, or of the only one.
  func snapshot(of repository: String) throws(CheckpointError) -> FilePath {
    let folder = root / ("models--" + repository.split(separator: "/").joined(separator: "--"))
    guard folder.kind == .folder else {
      throw CheckpointError(
        path: repository,
        problem: .notInCache(repository: repository, cache: root.description))
    }
    let snapshots = folder / "snapshots"
    let names = snapshots.entries.filter { (snapshots / $0).kind == .folder }
    if let main = Self.revision(folder / "refs" / "main"), names.contains(main) {
      return snapshots / main
    }
    guard names.count == 1 else {
      throw CheckpointError(
        path: folder.description, problem: .cacheWithoutSnapshot(repository: repository))
    }
    return snapshots / names[0]
  }

  /// The repository's name where `path` lies inside a snapshot: snapshots are named by hashes.
  static func repositoryName(around path: FilePath) -> String? {
    let components = path.absolute.description.split(separator: "/")
    guard let snapshots = components.lastIndex(of: "snapshots"), snapshots > 0 else { return nil }
    let folder = components[snapshots - 1]
    guard folder.hasPrefix("models--") else { return nil }
    return folder.dropFirst("models--".count).components(separatedBy: "--").last
  }

  private static func revision(_ file: FilePath) -> String? {
    guard let file = try? MappedFile(file.description), file.count <= 256 else { return nil }
    return file.withBytes { String(decoding: $0, as: UTF8.self) }
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
