import Foundation
import TestSupport
import Testing

/// The built tool, run as a process of its own.
struct Executable {
  struct Outcome {
    var exitCode: Int32
    var output: String
    var errors: String
  }

  static var sample: String { Repository.root.appendingPathComponent("notebooks-data/sample").path }
  static var corpus: String { sample + "/corpus.txt" }

  /// Beside the test bundle, where the build puts every product.
  private static var url: URL? {
    let beside =
      [URL(fileURLWithPath: CommandLine.arguments[0])] + Bundle.allBundles.map(\.bundleURL)
    return beside.map { $0.deletingLastPathComponent().appendingPathComponent("alr-analyze") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Starts the tool; its streams go to files, which cannot fill up as pipes do.
  ///
  /// - Parameters:
  ///   - redirection: what a shell is to do with its streams, such as `<&-`.
  ///   - setup: what that shell is to do before, such as `ulimit -f 20;`.
  static func start(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    redirection: String = "", setup: String = ""
  ) throws -> Process {
    let process = Process()
    let tool: URL = try #require(Self.url, "the tool is built beside the tests")
    let isDirect = redirection.isEmpty && setup.isEmpty
    process.executableURL = isDirect ? tool : URL(fileURLWithPath: "/bin/sh")
    let shell = ["-c", "\(setup) exec \"$0\" \"$@\" \(redirection)", tool.path]
    process.arguments = isDirect ? arguments : shell + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    for name in ["stdout", "stderr"] {
      try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: folder + "/stdout")
    process.standardError = FileHandle(forWritingAtPath: folder + "/stderr")
    // A test may run on a thread that blocks signals, and the tool would inherit that.
    var (none, usual) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &usual)
    defer { pthread_sigmask(SIG_SETMASK, &usual, nil) }
    try process.run()
    return process
  }

  static func outcome(of process: Process, in folder: String) throws -> Outcome {
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    return Outcome(
      exitCode: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try text("stdout"), errors: try text("stderr"))
  }

  static func run(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Outcome {
    try outcome(of: start(arguments, in: folder, environment: environment), in: folder)
  }
}

/// A folder that goes away with the test.
final class Workplace {
  let path = NSTemporaryDirectory() + "alr-cli-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    return "\(path)/\(name)"
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Entries of the folder besides the streams of the tool.
  func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      .filter { $0 != "stdout" && $0 != "stderr" }
  }
}
