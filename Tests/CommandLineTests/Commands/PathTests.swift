import AttentionAnalysis
import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import alr_analyze

/// That a path means one place to every check and every write of every command.
@Suite struct PathTests {
  let workplace: Workplace
  private static let small = [
    "--chunk-length", "16", "--max-chunks", "2", "--quiet", "--threads", "1",
  ]

  init() throws {
    workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path + "/home/mine", withIntermediateDirectories: true)
  }

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(
      arguments, in: workplace.path, environment: ["HOME": workplace.path + "/home"])
  }

  private func analyze(_ options: String...) throws -> Executable.Outcome {
    try run([Executable.sample, Executable.corpus] + Self.small + options)
  }

  /// Everything below, without the files that results consist of.
  private func places() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: workplace.path)
      .filter { $0.hasSuffix("/result.json") || $0.hasSuffix(".svg") || $0.contains("partial") }
      .sorted()
  }

  @Test func tildeIsHOMEForChecksAndWritesAlike() throws {
    _ = try workplace.write("home/mine/notes.txt", "mine")
    let refused = try analyze("--out=~/mine")
    #expect(refused.exitCode == 73)
    #expect(
      refused.errors
        == "alr-analyze: \(workplace.path)/home/mine: holds no results but other files, such as "
        + "notes.txt; --force writes among them\n")
    #expect(try analyze("--out=~/new").exitCode == 0)
    // Another run's results are as safe there as anywhere.
    let other = try analyze("--out=~/new", "--bos", "never")
    #expect(other.exitCode == 73 && other.errors.contains("/home/new: holds the results of a diff"))
    #expect(try analyze("--out", "./~new").exitCode == 0)
    let drawn = try run(["figure", "~/new", "--figure", "alr", "--out", "~/pictures"])
    #expect(drawn.output == "\(workplace.path)/home/pictures/alr.svg\n", "\(drawn.errors)")
    let found = try places().filter { !$0.contains("/figures/") }
    #expect(found == ["home/new/result.json", "home/pictures/alr.svg", "~new/result.json"])
  }

  @Test func everyPathOfEveryCommandIsExpanded() throws {
    for (name, target) in [("model", Executable.sample), ("text.txt", Executable.corpus)] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(workplace.path)/home/\(name)", withDestinationPath: target)
    }
    _ = try workplace.write("home/prompt.txt", "The old town.")
    for arguments in [
      ["~/model", "~/text.txt", "--out", "~/r"] + Self.small,
      ["inspect", "~/model/"], ["tokenize", "~/model", "~/prompt.txt"],
      ["capture", "~/model", "--file", "~/prompt.txt", "--out=~/c.npz", "--quiet"],
      ["figure", "~/c.npz", "--figure", "key-vector"], ["figure", "~/r", "--figure", "alr"],
      ["table", "~/r"],
    ] {
      let outcome = try run(arguments)
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errors)")
    }
    #expect(try workplace.entries() == ["home"])
    // What is recorded is the place, not the way it was written.
    let record = try JSONDocument(parsing: Array(try workplace.bytes("home/r/run.json"))).root
    let home = try #require(FilePath(workplace.path).physical).description + "/home"
    #expect(record["model"]?.string == home + "/model")
    #expect(record["corpora"]?.elements.first?.string == home + "/text.txt")
  }

  /// Whatever a specification calls a folder or a file is resolved; nothing else is.
  @Test func specificationsSayWhichValuesArePaths() throws {
    let options = commandRegistry.flatMap { command in command.spec.options.map { (command, $0) } }
    let names = ["DIR", "PATH", "FILE"]
    #expect(options.contains { $0.1.isPath })
    for (command, option) in options {
      #expect(
        option.isPath == names.contains(option.valueName ?? ""),
        "\(command.spec.name) --\(option.name)")
    }
    for (command, option) in options where option.valueName != nil && option.choices.isEmpty {
      let parser = ArgumentParser(command: command.spec, environment: ["HOME": "/h"])
      let parsed = try parser.parse(
        command.spec.positionals.map { _ in "~/a" } + ["--\(option.name)=~/b"])
      #expect(parsed.value(option.name) == (option.isPath ? "/h/b" : "~/b"))
      #expect(parsed.positionals.allSatisfy { $0 == "/h/a" })
    }
  }

  @Test func theCacheIsWhereHuggingFaceToolsHaveIt() throws {
    let snapshot = "\(workplace.path)/home/hf/hub/models--org--tiny/snapshots/0123"
    try FileManager.default.createDirectory(
      atPath: (snapshot as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: snapshot, withDestinationPath: Executable.sample)
    let home = workplace.path + "/home"
    for environment in [
      ["HF_HOME": "~/hf"], ["HF_HUB_CACHE": "$HOME/hf/hub"], ["HF_HUB_CACHE": "~/hf/hub"],
    ] {
      let outcome = try Executable.run(
        ["inspect", "org/tiny"], in: workplace.path,
        environment: environment.merging(["HOME": home]) { $1 })
      #expect(outcome.exitCode == 0, "\(environment): \(outcome.errors)")
    }
    let none = try run(["inspect", "org/tiny"])
    #expect(none.exitCode == 66)
    #expect(none.errors.contains("Hugging Face cache \(home)/.cache/huggingface/hub"))
  }

  @Test func linksAndDotsLeadWhereTheSystemSays() throws {
    let folder = workplace.path
    for name in ["deep/er", "real"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for (link, target) in [("jump", "deep/er"), ("link", "real"), ("gone", "nowhere")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(link)", withDestinationPath: target)
    }
    for path in ["link", "jump/../up", "new/../side", "slash/", "two\nlines"] {
      let outcome = try analyze("--out", path)
      #expect(outcome.exitCode == 0, "\(path): \(outcome.errors)")
      let shown = path.replacingOccurrences(of: "\n", with: "\u{FFFD}")
      #expect(outcome.output.hasSuffix("\nResults: \(shown) (open report.html there)\n"))
    }
    #expect(
      try places().filter { $0.hasSuffix("json") } == [
        "deep/up/result.json", "real/result.json", "side/result.json", "slash/result.json",
        "two\nlines/result.json",
      ])
    let gone = try analyze("--out", "gone")
    #expect(gone.exitCode == 73)
    #expect(
      gone.errors
        == "alr-analyze: gone: cannot be written: it is a symbolic link to a folder that does not "
        + "exist\n")
    let drawn = try run(["figure", "slash/", "--figure", "alr"])
    #expect(drawn.output == "slash/figures/alr.svg\n")
  }

  @Test func filesOfAModelAreNotOverwritten() throws {
    try FileManager.default.copyItem(atPath: Executable.sample, toPath: workplace.path + "/m")
    let before = try workplace.bytes("m/model.safetensors")
    for force in [[], ["--force"]] {
      let outcome = try run(
        ["capture", "m", "--text", "x", "--out", "m/model.safetensors", "--quiet"] + force)
      #expect(outcome.exitCode == 73)
      #expect(
        outcome.errors
          == "alr-analyze: m: holds a model.safetensors that is no capture and is not overwritten; "
          + "name another file\n")
    }
    #expect(try workplace.bytes("m/model.safetensors") == before)
    // Inside the model's folder there is room.
    #expect(try analyze("--out", "m/results").exitCode == 0)
    #expect(try run(["inspect", "m"]).exitCode == 0)
  }

  @Test func emptyPathsAreUsageErrors() throws {
    for (arguments, message) in [
      (["", "x"], "MODEL is empty; see 'alr-analyze analyze --help'"),
      ([Executable.sample, ""], "CORPUS is empty; see 'alr-analyze analyze --help'"),
      ([Executable.sample, "x", ""], "CORPUS is empty; see 'alr-analyze analyze --help'"),
      (["table", ""], "RESULTS is empty; see 'alr-analyze table --help'"),
      (["table", "x", "--layers="], "--layers needs a value: --layers L,..."),
      (["figure", "x", "--out", ""], "--out needs a value: --out DIR"),
    ] {
      let outcome = try run(arguments)
      #expect(outcome.exitCode == 64 && outcome.errors == "alr-analyze: \(message)\n")
    }
  }

  /// Some functions of Foundation expand `~` by themselves, to another folder than `HOME` at that.
  @Test func noFunctionThatExpandsIsGivenAPath() throws {
    let names = [
      "FileManager", "fileURLWithPath", "filePath:", "NSString", "NSHomeDirectory", "NSURL",
      "contentsOfFile", "toFile:", "expandingTilde", "homeDirectory", "write(to: URL",
      "forReadingAtPath", "forWritingAtPath", "Bundle(",
    ]
    // An absolute path of a tool, and the one in which Linux tells of a process.
    let allowed = ["Terminal/Opener.swift", "Terminal/ProcessMemory.swift"]
    let root = Repository.root.appendingPathComponent("Sources").path
    let files = try FileManager.default.subpathsOfDirectory(atPath: root)
      .filter { file in file.hasSuffix(".swift") && !allowed.contains { file.contains($0) } }
    #expect(files.count > 200)
    for file in files {
      let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
      #expect(names.filter { text.contains($0) } == [], "\(file)")
    }
  }
}
