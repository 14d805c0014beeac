import Foundation
import ModelFiles

/// What a refusal may cost: a second, and 64 MB beside four times the file.
public enum HostileBudget {
  public typealias Files = [(name: String, bytes: [UInt8])]

  /// One folder of files that is opened.
  public struct Case: Sendable {
    public let name: String
    public let files: Files
    /// What a debug build needs longer for; the release build is far below a second there too.
    public let isBulky: Bool

    public init(_ name: String, _ files: Files, isBulky: Bool = false) {
      (self.name, self.files, self.isBulky) = (name, files, isBulky)
    }
  }

  /// Opens each case in a folder of its own; ends the process with a line about the first that
  /// costs too much. To be run in a process of its own, whose peak of memory nothing else raises.
  public static func check(_ cases: [Case], open: (_ folder: String) -> Void) throws {
    let folder = try TemporaryFolder()
    for item in cases {
      for entry in FilePath(folder.path).entries {
        try FileManager.default.removeItem(atPath: folder.path + "/" + entry)
      }
      try folder.write("{}", to: "config.json")
      for file in item.files { try folder.write(file.bytes, to: file.name) }
      let size = item.files.reduce(0) { $0 + $1.bytes.count }
      let before = peakBytes()
      let time = ContinuousClock().measure { open(folder.path) }
      let grown = peakBytes() - before
      guard time < .seconds(item.isBulky ? 20 : 1), grown <= 4 * size + 64 << 20 else {
        let line = "\(item.name): \(time), \(grown >> 10) KB for \(size) bytes\n"
        FileHandle.standardError.write(Data(line.utf8))
        exit(EXIT_FAILURE)
      }
    }
  }

  /// The most memory that the process ever had.
  private static func peakBytes() -> Int {
    var usage = rusage()
    // RUSAGE_SELF, which is a number on one system and a type of its own on the other.
    getrusage(0, &usage)
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss << 10
    #endif
  }
}
