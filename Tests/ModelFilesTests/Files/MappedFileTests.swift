import Foundation
import TestSupport
import Testing

@testable import ModelFiles

@Suite struct MappedFileTests {
  @Test func givesTheBytes() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try MappedFile(try folder.write(bytes, to: "a"))
    #expect(file.count == bytes.count)
    #expect(file.withBytes { [UInt8]($0) } == bytes)
  }

  @Test func emptyFileHasNoBytes() throws {
    let folder = try TemporaryFolder()
    let file = try MappedFile(try folder.write([], to: "a"))
    #expect(file.count == 0 && file.withBytes { $0.isEmpty })
    file.advise(.willNeed, 0..<10)
  }

  /// Advice never changes what is read, wherever its range lies.
  @Test(arguments: [MappedFile.Advice.sequential, .willNeed, .dontNeed])
  func adviceChangesNothing(advice: MappedFile.Advice) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](repeating: 7, count: 50_000)
    let file = try MappedFile(try folder.write(bytes, to: "a"))
    for range in [0..<50_000, 1..<2, 4095..<8193, 49_999..<60_000, 90_000..<90_001, 5..<5] {
      file.advise(advice, range)
    }
    #expect(file.withBytes { [UInt8]($0) } == bytes)
  }

  @Test func missingFileIsRefused() {
    #expect(throws: FileProblem.missing) { try MappedFile("/nonexistent/file") }
  }

  @Test func folderIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileProblem.notARegularFile) { try MappedFile(folder.path) }
  }

  /// Would wait for ever if it were opened as a file is.
  @Test func fifoIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/fifo"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: FileProblem.notARegularFile) { try MappedFile(path) }
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
    #expect(error?.description == "\(path): not a regular file")
  }

  @Test func deviceIsRefused() {
    #expect(throws: FileProblem.notARegularFile) { try MappedFile("/dev/null") }
  }
}
