import Foundation
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// What a folder stands for.
@Suite struct CorpusWalkTests {
  private func folder(_ names: [String]) throws -> TemporaryFolder {
    try TemporaryFolder(
      Dictionary(names.map { ($0, Array("text of \($0)".utf8)) }, uniquingKeysWith: { $1 }))
  }

  private func link(_ name: String, to target: String, in folder: TemporaryFolder) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/\(name)", withDestinationPath: target)
  }

  /// Paths within the folder.
  private func read(_ corpus: Corpus, in folder: TemporaryFolder) -> [String] {
    corpus.paths.map { String($0.dropFirst(folder.path.count + 1)) }
  }

  private func leftOut(_ corpus: Corpus) -> [LeftOut.Reason: [String]] {
    Dictionary(
      corpus.leftOut.entries.map { ($0.reason, $0.names) }, uniquingKeysWith: { $1 })
  }

  @Test func hiddenEntriesAndOtherKindsAreLeftOut() throws {
    let folder = try folder([
      "a.txt", ".hidden.txt", ".git/b.txt", ".ipynb_checkpoints/a.txt", "._a.txt", "sub/._b.md",
      "sub/b.md", "sub/.c/d.txt", "p.json", "q.png", "r.ndjson", "s.jsonl.gz", "t.gz",
    ])
    let corpus = try Corpus([folder.path])
    #expect(read(corpus, in: folder) == ["a.txt", "r.ndjson", "s.jsonl.gz", "sub/b.md"])
    #expect(
      leftOut(corpus) == [
        .hidden: [".git", ".hidden.txt", ".ipynb_checkpoints", ".c"],
        .appleDouble: ["._a.txt", "._b.md"], .otherKind: ["p.json", "q.png", "t.gz"],
      ])
    #expect(
      corpus.leftOut.description
        == "4 hidden (.git, .hidden.txt, .ipynb_checkpoints, …), 2 AppleDouble (._a.txt, ._b.md), "
        + "3 of other kinds (p.json, q.png, t.gz)")
  }

  /// What is named is read, whatever it is called.
  @Test func whatIsGivenIsRead() throws {
    let folder = try folder([".git/b.txt", ".hidden", "._c.txt"])
    let given = [".git", ".hidden", "._c.txt"].map { folder.path + "/" + $0 }
    #expect(read(try Corpus(given), in: folder) == [".git/b.txt", ".hidden", "._c.txt"])
  }

  @Test func linksAreFollowedOnce() throws {
    let (folder, elsewhere) = (try folder(["z/b.txt", "z/c.txt", "d.txt"]), try folder(["e.txt"]))
    try link("a-folder", to: "z", in: folder)
    try link("out", to: elsewhere.path, in: folder)
    try link("out2", to: elsewhere.path, in: folder)
    try link("z/up", to: "..", in: folder)
    try link("self", to: ".", in: folder)
    try link("a-file.txt", to: "d.txt", in: folder)
    try link("f.txt", to: elsewhere.path + "/e.txt", in: folder)
    try FileManager.default.linkItem(
      atPath: folder.path + "/z/b.txt", toPath: folder.path + "/z/a.txt")
    let corpus = try Corpus([folder.path])
    // Its own files by their own paths; of two names of one file, and of two links, the first.
    #expect(read(corpus, in: folder) == ["d.txt", "f.txt", "z/a.txt", "z/c.txt"])
    #expect(
      leftOut(corpus) == [
        .repeated: ["a-file.txt", "a-folder", "e.txt", "out2", "self", "b.txt", "up"]
      ])
    let linked = try Corpus([folder.path + "/a-folder"])
    #expect(
      read(linked, in: folder) == [
        "a-folder/a.txt", "a-folder/c.txt", "a-folder/up/a-file.txt", "a-folder/up/f.txt",
      ])
  }

  @Test func linksToNothingAndSpecialFilesAreNamed() throws {
    let folder = try folder(["a.txt"])
    try link("gone.txt", to: "nowhere", in: folder)
    try link("loop", to: "loop", in: folder)
    try #require(mkfifo(folder.path + "/pipe.txt", 0o600) == 0)
    let corpus = try Corpus([folder.path])
    #expect(read(corpus, in: folder) == ["a.txt"])
    #expect(leftOut(corpus) == [.danglingLink: ["gone.txt", "loop"], .special: ["pipe.txt"]])
    #expect(corpus.leftOut.entries.map(\.reason.isWorrying) == [true, false])
  }

  /// Root may read everything, so that the refusals are made up.
  @Test func whatCannotBeReadIsNamed() throws {
    let folder = try folder(["a.txt", "locked/b.txt", "secret.txt", "z/c.txt"])
    let refusing = FolderReading(
      names: { path in
        path.hasSuffix("/locked")
          ? .failure(.unreadable(reason: "no permission")) : FolderReading.system.names(path)
      },
      isReadable: { !$0.hasSuffix("/secret.txt") })
    let corpus = try Corpus([folder.path], folders: refusing)
    #expect(read(corpus, in: folder) == ["a.txt", "z/c.txt"])
    #expect(leftOut(corpus) == [.unreadable: ["locked", "secret.txt"]])
    let locked = folder.path + "/locked"
    #expect(throws: CorpusError.file(path: locked, .unreadable(reason: "no permission"))) {
      try Corpus([locked], folders: refusing)
    }
  }

  @Test func filesGivenTwiceCountOnce() throws {
    let folder = try folder(["a.txt", "b.txt"])
    let file = folder.path + "/a.txt"
    let corpus = try Corpus([folder.path + "/b.txt", file, folder.path, file, folder.path])
    #expect(read(corpus, in: folder) == ["b.txt", "a.txt"])
    #expect(
      corpus.leftOut.entries == [
        .init(reason: .repeated, count: 5, names: ["a.txt", "b.txt", "a.txt", "a.txt", "b.txt"])
      ])
    #expect(try Corpus([file]).isCollection == false && corpus.isCollection)
  }

  @Test func packedCopiesAreLeftOut() throws {
    let folder = try folder(["a.txt", "a.txt.gz", "b.txt.gz", "c.md", "c.txt.gz"])
    let corpus = try Corpus([folder.path])
    #expect(read(corpus, in: folder) == ["a.txt", "b.txt.gz", "c.md", "c.txt.gz"])
    #expect(leftOut(corpus) == [.packedCopy: ["a.txt.gz"]])
  }

  /// Paths are in the order of their bytes as wholes, not name by name.
  @Test func theOrderIsThatOfTheBytesOfPaths() throws {
    let folder = try folder(["a/x.txt", "a-b.txt", "a.txt", "B.txt", "é.txt", "a/b/y.txt"])
    let paths = ["B.txt", "a-b.txt", "a.txt", "a/b/y.txt", "a/x.txt", "é.txt"]
    #expect(read(try Corpus([folder.path]), in: folder) == paths)
  }

  @Test func manyNamesAreCounted() {
    var leftOut = LeftOut()
    for index in 0..<100 { leftOut.add("\(index).bin", .otherKind) }
    leftOut.add("x", .hidden)
    #expect(leftOut.entries.map(\.count) == [1, 100])
    #expect(leftOut.entries[1].names == (0..<LeftOut.mostNames).map { "\($0).bin" })
  }
}
