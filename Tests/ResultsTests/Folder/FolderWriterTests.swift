import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Results

/// That files are written where was checked, wherever a path leads, and that nothing else changes.
@Suite struct FolderWriterTests {
  let temporary: TemporaryFolder
  let file = ResultsFolder.Attachment(name: "figures/a.svg", bytes: [1, 2])
  let other = ResultsFolder.Attachment(name: "b", bytes: [3])

  init() throws {
    temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: temporary.path + "/real", withIntermediateDirectories: false)
    try temporary.write("mine".utf8, to: "real/notes.txt")
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(temporary.path)/\(name)", withDestinationPath: target)
  }

  private func contents() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: temporary.path).sorted()
  }

  private func problem(_ body: () throws -> Void) -> ResultsFolderProblem? {
    do {
      try body()
      return nil
    } catch {
      return (error as? ResultsFolderError)?.problem
    }
  }

  @Test(arguments: ["new", "deep/new", "real", "real/new", "new/", "a/../new", "~", "two\nlines"])
  func everythingIsWhereItShouldBe(path: String) throws {
    let before = try contents()
    let folder = ResultsFolder("\(temporary.path)/\(path)")
    try folder.add([file, other])
    let place = temporary.path + (path == "a/../new" ? "/new" : "/\(path)")
    for file in [file, other] {
      let url = URL(fileURLWithPath: "\(place)/\(file.name)")
      #expect(try [UInt8](Data(contentsOf: url)) == file.bytes)
    }
    let made = Set(try contents()).subtracting(before)
    #expect(!made.isEmpty && made.allSatisfy { !$0.contains("partial") && !$0.hasPrefix("a") })
    #expect(Set(try contents()).isSuperset(of: before))
  }

  @Test func linksAreFollowedOnce() throws {
    try link("link", to: "real")
    let folder = ResultsFolder("\(temporary.path)/link/runs")
    // What the link becomes later makes no difference: this place was checked.
    try FileManager.default.removeItem(atPath: temporary.path + "/link")
    try FileManager.default.createDirectory(
      atPath: temporary.path + "/elsewhere", withIntermediateDirectories: false)
    try link("link", to: "elsewhere")
    try folder.add([other])
    #expect(
      try contents() == ["elsewhere", "link", "real", "real/notes.txt", "real/runs", "real/runs/b"])
  }

  @Test func aDanglingLinkIsRefusedBeforeAnyWork() throws {
    try link("dangling", to: "nowhere")
    let before = try contents()
    for path in ["dangling", "dangling/run"] {
      let found = problem { try ResultsFolder("\(temporary.path)/\(path)").checkWritable() }
      guard case .cannotWrite(let reason)? = found else {
        Issue.record("\(path): \(String(describing: found))")
        continue
      }
      #expect(reason.hasSuffix("is a symbolic link to a folder that does not exist"))
    }
    #expect(try contents() == before)
  }

  @Test func anEmptyPathIsRefused() {
    #expect(
      problem { try ResultsFolder("").checkWritable() } == .cannotWrite(reason: "the path is empty")
    )
  }

  /// Runs that were started together all find that `runs` is yet to be made.
  @Test func foldersThatOthersMakeMeanwhileAreUsed() throws {
    let folders = ["a", "b/c", "b/d"].map { ResultsFolder("\(temporary.path)/runs/\($0)") }
    for folder in folders { try folder.add([file, other]) }
    for name in ["a", "b/c", "b/d"] {
      #expect(try temporary.bytes("runs/\(name)/b") == [3])
      #expect(try temporary.bytes("runs/\(name)/figures/a.svg") == [1, 2])
    }
    #expect(try contents().filter { $0.contains("partial") } == [])
  }

  @Test func aFailureLeavesWhatWasThereAndNothingElse() throws {
    try FileManager.default.createDirectory(
      atPath: temporary.path + "/real/b", withIntermediateDirectories: false)
    try temporary.write("a folder in the way".utf8, to: "real/b/inside")
    let before = try contents()
    let found = problem {
      try ResultsFolder(temporary.path + "/real").add([other])
    }
    #expect(found?.isOutput == true)
    #expect(try contents() == before)
    let clash = ResultsFolder.Attachment(name: "b/x", bytes: [])
    #expect(problem { try ResultsFolder(temporary.path + "/n/m").add([other, clash]) } != nil)
    #expect(try contents() == before)
  }

  /// A link among results is replaced; what it leads to is another's.
  @Test func linksInTheFolderAreReplaced() throws {
    try link("real/b", to: "notes.txt")
    try ResultsFolder(temporary.path + "/real").add([other])
    #expect(try temporary.text("real/notes.txt") == "mine")
    #expect(try temporary.bytes("real/b") == [3])
  }

  @Test func onlyCapturesAreOverwrittenByCaptures() throws {
    try temporary.write("weights".utf8, to: "real/model.safetensors")
    let folder = ResultsFolder(temporary.path + "/real")
    for force in [false, true] {
      #expect(
        problem { try folder.prepareCapture(named: "model.safetensors", force: force) }
          == .foreignFile(file: "model.safetensors"))
      #expect(problem { try folder.prepareCapture(named: "capture.npz", force: force) } == nil)
    }
    #expect(try temporary.text("real/model.safetensors") == "weights")
  }
}
