import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ModelFiles

/// What is being written when the process has to end, and how files are written at all.
@Suite struct UnfinishedFilesTests {
  @Test func whatIsAbandonedIsGoneAndNothingFollows() async {
    await #expect(processExitsWith: .exitCode(3)) {
      let folder = FilePath(NSTemporaryDirectory()) / "alr-unfinished-\(getpid())"
      try UnfinishedFiles.step(folder) { () throws(SystemError) in
        try FileTree.makeFolder(folder)
        try FileTree.makeFolders(of: "a/b/c", in: folder)
      }
      try FileTree.write([1, 2, 3], to: folder / "a/b/c", unfinishedIn: folder)
      let wasThere = (folder / "a/b/c").kind == .file
      UnfinishedFiles.abandon()
      let isGone = folder.kind == .missing && !UnfinishedFiles.hasWritten
      let later = Atomic<Bool>(false)
      Thread.detachNewThread {
        try? UnfinishedFiles.step(folder) { () throws(SystemError) in
          later.store(true, ordering: .sequentiallyConsistent)
        }
        later.store(true, ordering: .sequentiallyConsistent)
      }
      usleep(300_000)
      let isQuiet = !later.load(ordering: .sequentiallyConsistent)
      exit(wasThere && isGone && isQuiet ? 3 : 4)
    }
  }

  @Test func filesAreWrittenWholeAndNeverOverOthers() throws {
    let temporary = try TemporaryFolder()
    let folder = FilePath(temporary.path)
    let bytes = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
    // Not the test's own folder: that one stays.
    let unfinished = folder / "unfinished"
    try FileTree.makeFolder(unfinished)
    try FileTree.write(bytes, to: unfinished / "long", unfinishedIn: unfinished)
    #expect(
      try [UInt8](Data(contentsOf: URL(fileURLWithPath: temporary.path + "/unfinished/long")))
        == bytes)
    let error = #expect(throws: SystemError.self) {
      try FileTree.write([1], to: unfinished / "long", unfinishedIn: unfinished)
    }
    #expect(error?.code == EEXIST)
    UnfinishedFiles.finish(unfinished, hasWritten: false)
    #expect(unfinished.kind == .missing && folder.kind == .folder)
  }

  /// Links are removed, not followed.
  @Test func removingStaysInTheFolder() throws {
    let temporary = try TemporaryFolder(["keep/file": [1], "gone/sub/file": [2]])
    try FileManager.default.createSymbolicLink(
      atPath: temporary.path + "/gone/link", withDestinationPath: "../keep")
    FileTree.remove(FilePath(temporary.path + "/gone"))
    #expect(FilePath(temporary.path).entries == ["keep"])
    #expect(FilePath(temporary.path + "/keep").entries == ["file"])
  }
}
