import AttentionAnalysis
import Foundation
import ModelFiles
import Results
import Testing

/// What `analyze` says of the corpora that it reads, run as a process.
@Suite struct CorpusReadingTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private static let text = String(repeating: "a few words to be measured, ", count: 60)

  private func analyze(
    _ arguments: [String], quiet: Bool = true, redirection: String = ""
  ) throws -> Executable.Outcome {
    let process = try Executable.start(
      [Executable.sample] + arguments
        + ["--chunk-length", "32", "--max-chunks", "2", "--out", "r"] + (quiet ? ["--quiet"] : []),
      in: workplace.path, redirection: redirection)
    return try Executable.outcome(of: process, in: workplace.path)
  }

  private func makeFolder() throws {
    for folder in ["texts/.git", "texts/sub"] {
      try FileManager.default.createDirectory(
        atPath: "\(workplace.path)/\(folder)", withIntermediateDirectories: true)
    }
    for (name, text) in [
      ("a.txt", "a "), ("._a.txt", "x"), (".git/b.txt", "x"), ("c.png", "x"),
      ("sub/b.jsonl", "{\"text\":null}\n{\"text\":\"\(Self.text)\"}\n"), ("z.txt", "z"),
    ] { _ = try workplace.write("texts/\(name)", text) }
    try FileManager.default.createSymbolicLink(
      atPath: workplace.path + "/texts/up", withDestinationPath: ".")
  }

  @Test func saysWhatWasReadAndWhatWasNot() throws {
    try makeFolder()
    let outcome = try analyze(["texts", "texts/a.txt"], quiet: false)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first == """
        alr-analyze: read 2 documents of 2 files; left out: 1 hidden (.git), 1 AppleDouble \
        (._a.txt), 2 there already (up, a.txt), 1 of other kinds (c.png), 1 behind the last \
        chunk (z.txt)
        """)
    #expect(lines.contains("alr-analyze: warning: 1 record of the corpus without a text, left out"))
    let reading = try #require(try ResultsFolder(workplace.path + "/r").read().corpus.reading)
    #expect(reading.files == 2 && reading.documents == 2 && reading.withoutText == 1)
    #expect(reading.leftOut.entries.contains(.init(reason: .hidden, count: 1, names: [".git"])))
    #expect(
      reading.leftOut.entries.contains(
        .init(reason: .behindLastChunk, count: 1, names: ["z.txt"])))
    let json = try String(contentsOfFile: workplace.path + "/r/result.json", encoding: .utf8)
    #expect(!json.contains(workplace.path))
    // Equal runs are equal bytes, and the same run again needs no --force.
    let before = try workplace.bytes("r/result.json")
    #expect(try analyze(["texts", "texts/a.txt"]).errors.contains("read ") == false)
    #expect(try workplace.bytes("r/result.json") == before)
  }

  @Test func linksToNothingAreWarnedOf() throws {
    try makeFolder()
    try FileManager.default.createSymbolicLink(
      atPath: workplace.path + "/texts/gone.txt", withDestinationPath: "nowhere")
    let outcome = try analyze(["texts"])
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.errors.hasPrefix("alr-analyze: warning: read 2 documents of 2 files; left out:"))
    #expect(outcome.errors.contains("1 pointing nowhere (gone.txt)"))
  }

  @Test func recordsOnStandardInputAreRecognised() throws {
    let record = "{\"text\":\"\(Self.text)\"}\n"
    let path = try workplace.write("lines", record)
    let plain = try workplace.write("plain.txt", Self.text)
    #expect(try analyze([plain]).exitCode == 0)
    let expected = try ResultsFolder(workplace.path + "/r").read().corpus.fingerprint
    for redirection in ["< \(path)", "< /dev/null"] {
      let outcome = try analyze(
        redirection.contains("null") ? [path, "--force"] : ["-", "--force"], quiet: false,
        redirection: redirection)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(", as JSON records: "))
      #expect(try ResultsFolder(workplace.path + "/r").read().corpus.fingerprint == expected)
    }
    #expect(try analyze([path, "--format", "text", "--force"]).exitCode == 0)
    #expect(try ResultsFolder(workplace.path + "/r").read().corpus.fingerprint != expected)
  }

  @Test(arguments: [
    (["/dev/zero"], 65, "/dev/zero: a device, neither a file nor a pipe"),
    (["corpus.txt", "--ids", "--format", "text"], 64, "--ids"),
    (["corpus.txt", "--format", "text", "--text-field", "a"], 64, "--text-field"),
    (["corpus.txt", "--format", "json"], 64, "--format"),
  ])
  func whatCannotBeReadIsOneLine(arguments: [String], code: Int32, message: String) throws {
    _ = try workplace.write("corpus.txt", Self.text)
    let outcome = try analyze(arguments)
    #expect(outcome.exitCode == code && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  /// A model is a file; pipes and devices are not.
  @Test func modelsAreFiles() throws {
    _ = try workplace.write("corpus.txt", Self.text)
    let pipe = workplace.path + "/model.gguf"
    try #require(mkfifo(pipe, 0o600) == 0)
    for model in ["/dev/zero", pipe] {
      let outcome = try Executable.run([model, "corpus.txt"], in: workplace.path)
      #expect(outcome.exitCode == 65)
      #expect(outcome.errors == "alr-analyze: \(model): not a regular file\n")
    }
  }

  @Test func otherCommandsReadTheSame() throws {
    _ = try workplace.write("u.txt", "x")
    try Data([0xFF, 0xFE, 0x61, 0]).write(to: URL(fileURLWithPath: workplace.path + "/u.txt"))
    for arguments in [
      ["tokenize", Executable.sample, "u.txt"], ["capture", Executable.sample, "--file", "u.txt"],
      [Executable.sample, "u.txt"],
    ] {
      let outcome = try Executable.run(arguments, in: workplace.path)
      #expect(outcome.exitCode == 65)
      #expect(outcome.errors.hasPrefix("alr-analyze: u.txt: UTF-16 text, not UTF-8: convert it"))
    }
    let outcome = try Executable.run(
      ["tokenize", Executable.sample, "/dev/zero"], in: workplace.path)
    #expect(outcome.exitCode == 65 && outcome.errors.contains("/dev/zero: a device"))
  }

  @Test func interruptingAPipeLeavesNothing() throws {
    let pipe = workplace.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let process = try Executable.start(
      [Executable.sample, "pipe", "--out", "r"], in: workplace.path)
    Thread.sleep(forTimeInterval: 1)
    process.interrupt()
    let outcome = try Executable.outcome(of: process, in: workplace.path)
    #expect(outcome.exitCode == 130)
    #expect(outcome.errors == "alr-analyze: interrupted; nothing was written\n")
    #expect(try workplace.entries() == ["pipe"])
  }
}
