import Foundation
import ModelFiles

/// Finds the files of a corpus by the policy that `docs/file-formats.md` states.
///
/// Of what is given, every file is read once. Of a folder these are its text files at any depth, in
/// the order of the bytes of their paths; links are followed, but nothing is entered or read a
/// second time, which also ends cycles. What a folder itself holds comes before what is linked into
/// it.
struct CorpusWalk {
  private(set) var paths: [String] = []
  private(set) var leftOut = LeftOut()
  private(set) var isCollection = false
  private let folders: FolderReading
  private var seen: Set<FileIdentity> = []
  private var givenCount = 0

  /// Extensions of the files that a folder stands for, also with `.gz` behind them.
  static let textKinds = ["txt", "md", "jsonl", "ndjson"]

  init(folders: FolderReading) { self.folders = folders }

  /// Adds what the user named, whatever it is called.
  mutating func add(_ path: String) throws(CorpusError) {
    givenCount += 1
    isCollection = isCollection || givenCount > 1
    if path == "-" {
      let identity = FileIdentity(descriptor: STDIN_FILENO)
      return take(path, identity)
    }
    switch PathKind(path) {
    case .missing: throw .file(path: path, .missing)
    case .danglingLink: throw .file(path: path, .danglingLink)
    case .file, .other: take(path, FileIdentity(path))
    case .folder: try addFolder(path)
    }
  }

  private mutating func take(_ path: String, _ identity: FileIdentity?) {
    if let identity, !seen.insert(identity).inserted {
      leftOut.add(Corpus.name(of: path), .repeated)
    } else {
      paths.append(path)
    }
  }

  // MARK: Folders

  /// Something that a folder holds.
  fileprivate struct Found {
    enum Kind {
      case text(FileIdentity?)
      case leftOut(LeftOut.Reason)
    }
    var path: FilePath
    var kind: Kind
    /// Whether a link led to it, be it on the way.
    var isLinked: Bool
  }

  private struct FolderLink {
    var path: FilePath
    var identity: FileIdentity?
  }

  private mutating func addFolder(_ path: String) throws(CorpusError) {
    isCollection = true
    var entered: Set<FileIdentity> = []
    if let identity = FileIdentity(path) { entered.insert(identity) }
    var found: [Found] = []
    var links: [FolderLink] = []
    if case .failure(let problem) = folders.names(path) { throw .file(path: path, problem) }
    enter(FilePath(path), isLinked: false, &entered, &found, &links)
    // What is linked comes last, so that a folder is met by its own path first.
    while !links.isEmpty {
      let pending = links.sorted { $0.path.precedes($1.path) }
      links = []
      for link in pending {
        if let identity = link.identity, !entered.insert(identity).inserted {
          found.append(Found(path: link.path, kind: .leftOut(.repeated), isLinked: true))
        } else {
          enter(link.path, isLinked: true, &entered, &found, &links)
        }
      }
    }
    let before = paths.count
    add(found)
    if paths.count == before, !found.contains(where: \.isRepeated) {
      throw .noTextFiles(folder: path, leftOut: leftOut)
    }
  }

  /// Takes up the entries of a folder and of the folders in it, but for linked ones.
  private func enter(
    _ folder: FilePath, isLinked: Bool, _ entered: inout Set<FileIdentity>,
    _ found: inout [Found], _ links: inout [FolderLink]
  ) {
    guard case .success(let names) = folders.names(folder.description) else {
      found.append(Found(path: folder, kind: .leftOut(.unreadable), isLinked: isLinked))
      return
    }
    for name in names {
      let path = folder / name
      func leave(_ reason: LeftOut.Reason) {
        found.append(Found(path: path, kind: .leftOut(reason), isLinked: isLinked))
      }
      if name.hasPrefix("._") {
        leave(.appleDouble)
        continue
      }
      if name.hasPrefix(".") {
        leave(.hidden)
        continue
      }
      let isLink = Self.isLink(path.description)
      switch path.kind {
      case .folder:
        if isLink {
          links.append(FolderLink(path: path, identity: FileIdentity(path.description)))
        } else if let identity = FileIdentity(path.description),
          !entered.insert(identity).inserted
        {
          leave(.repeated)
        } else {
          enter(path, isLinked: isLinked, &entered, &found, &links)
        }
      case .file:
        guard Self.isText(path) else {
          leave(.otherKind)
          continue
        }
        guard folders.isReadable(path.description) else {
          leave(.unreadable)
          continue
        }
        found.append(
          Found(
            path: path, kind: .text(FileIdentity(path.description)),
            isLinked: isLinked || isLink))
      case .danglingLink: leave(.danglingLink)
      // A link whose way does not end, or an entry that went away.
      case .missing: leave(isLink ? .danglingLink : .unreadable)
      case .other: leave(.special)
      }
    }
  }

  /// Takes the texts in the order of their paths, and notes what is not taken in the same.
  private mutating func add(_ found: [Found]) {
    let ordered = found.sorted { $0.path.precedes($1.path) }
    let unpacked = Set(ordered.filter(\.isText).map(\.path.description))
    // Of several ways to one file the first that is no link counts.
    var own: Set<FileIdentity> = []
    for case .text(let identity?) in ordered.filter({ !$0.isLinked }).map(\.kind) {
      own.insert(identity)
    }
    for one in ordered {
      let name = one.path.lastComponent
      switch one.kind {
      case .leftOut(let reason): leftOut.add(name, reason)
      case .text(let identity):
        let path = one.path.description
        if path.lowercased().hasSuffix(".gz"), unpacked.contains(String(path.dropLast(3))) {
          leftOut.add(name, .packedCopy)
        } else if one.isLinked, let identity, own.contains(identity) {
          leftOut.add(name, .repeated)
        } else {
          take(path, identity)
        }
      }
    }
  }

  private static func isText(_ path: FilePath) -> Bool {
    textKinds.contains(DocumentLayout.kind(of: path.description))
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}

extension FilePath {
  /// The order of the bytes of paths.
  fileprivate func precedes(_ other: FilePath) -> Bool {
    description.utf8.lexicographicallyPrecedes(other.description.utf8)
  }
}

extension CorpusWalk.Found {
  fileprivate var isText: Bool { if case .text = kind { true } else { false } }
  fileprivate var isRepeated: Bool {
    switch kind {
    case .text, .leftOut(.repeated): true
    case .leftOut: false
    }
  }
}

/// What a file is under all of its names.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  /// Of what a path leads to; `nil` where that is nothing.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
  }
}

/// How folders are looked into; tests take another way, since root may look into all of them.
struct FolderReading: Sendable {
  /// The names of a folder's entries, in no order.
  var names: @Sendable (_ folder: String) -> Result<[String], FileProblem>
  var isReadable: @Sendable (_ file: String) -> Bool

  static let system = FolderReading(
    names: { FilePath($0).readEntries() },
    isReadable: { access($0, R_OK) == 0 })
}
