import Foundation
import Testing

/// Every kind of thing in the place of another: the message says what it is, and what to do.
@Suite struct WrongKindTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  private func expect(
    _ arguments: [String], _ code: Int32, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments)
    #expect(outcome.exitCode == code, "\(arguments)", sourceLocation: sourceLocation)
    #expect(
      outcome.errors == "alr-analyze: \(message)\n", "\(arguments)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
  }

  /// `results/a`, `cap` and `plans`, beside texts, an image and nothing.
  private func makeThings() throws {
    for arguments in [
      [
        Executable.sample, Executable.corpus, "--chunk-length", "16", "--max-chunks", "2",
        "--quiet",
        "--out", "results/a",
      ],
      ["capture", Executable.sample, "--text", "x", "--quiet", "--out", "cap"],
    ] {
      let outcome = try run(arguments)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    for name in ["plans", "texts", "empty"] {
      try FileManager.default.createDirectory(
        atPath: "\(workplace.path)/\(name)", withIntermediateDirectories: false)
    }
    _ = try workplace.write("plans/plan.json", "{\"schema\": \"alr-plan/1\"}")
    _ = try workplace.write("texts/a.txt", "text")
    _ = try workplace.write("nothing.txt", "")
    try Data([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]).write(
      to: URL(fileURLWithPath: workplace.path + "/p.png"))
  }

  @Test func inPlaceOfResults() throws {
    try makeThings()
    let sample = Executable.sample
    for (path, table, figure) in [
      ("cap", "a capture, which figure draws, not results; analyze makes those", nil),
      ("cap/capture.npz", "a capture, which figure draws, not results; analyze makes those", nil),
      (
        "plans",
        "an output of another kind (plan.json is alr-plan/1), which this command does not read",
        ""
      ),
      (
        "plans/plan.json",
        "an output of another kind (plan.json is alr-plan/1), which this command does not read",
        ""
      ),
      (
        sample, "a model, not results: analyze makes those of it",
        "a model, not results: analyze and capture make those of it"
      ),
      (
        sample + "/model.safetensors", "a model, not results: analyze makes those of it",
        "a model, not results: analyze and capture make those of it"
      ),
      (
        Executable.corpus, "a text, not results; name a results folder",
        "a text, not results; name a results folder, or a capture"
      ),
      (
        "p.png", "a PNG image, not results; name a results folder",
        "a PNG image, not results; name a results folder, or a capture"
      ),
      (
        "nothing.txt", "an empty file, not results; name a results folder",
        "an empty file, not results; name a results folder, or a capture"
      ),
      ("results", "a folder of results: results/a; name one of them", ""),
      (
        "results/a/arrays.npz", "a part of the results in results/a: name that folder, results/a",
        ""
      ),
      (
        "results/a/heads.csv", "a part of the results in results/a: name that folder, results/a",
        ""
      ),
      (
        "results/a/figures", "a part of the results in results/a: name that folder, results/a", ""
      ),
      (
        "texts", "holds no results; analyze makes them",
        "holds neither results nor a capture; analyze and capture make them"
      ),
      (
        "empty", "holds no results; analyze makes them",
        "holds neither results nor a capture; analyze and capture make them"
      ),
    ] as [(String, String, String?)] {
      try expect(["table", path], 65, "\(path): \(table)")
      // Empty: as table says it; nil: figure draws it.
      guard let figure else { continue }
      try expect(["figure", path], 65, "\(path): \(figure.isEmpty ? table : figure)")
    }
    for command in ["table", "figure"] {
      try expect([command, "nowhere"], 66, "nowhere: no such file")
    }
    try FileManager.default.removeItem(atPath: workplace.path + "/results/a/result.json")
    try expect(
      ["table", "results/a"], 65,
      "results/a: a folder with heads.csv but no result.json, so the run did not end or files were "
        + "removed; run analyze again")
  }

  @Test func inPlaceOfAModel() throws {
    try makeThings()
    let expected = "expected .safetensors, .gguf, an index JSON or a folder"
    for (path, message) in [
      (
        "results/a",
        "results of analyze, which figure and table read, not a model: name the model's weights or "
          + "folder"
      ),
      (
        "results/a/result.json",
        "results of analyze, which figure and table read, not a model: name the model's weights or "
          + "folder"
      ),
      (
        "cap/capture.npz",
        "a capture, which figure draws, not a model: name the model's weights or folder"
      ),
      (Executable.corpus, "a text, not a model: \(expected)"),
      ("p.png", "a PNG image, not a model: \(expected)"),
      ("nothing.txt", "an empty file, not a model: \(expected)"),
      (
        Executable.sample + "/config.json",
        "a configuration, not a model: name its folder, or the weights beside it"
      ),
    ] {
      try expect(["inspect", path], 65, "\(path): \(message)")
      guard path == "results/a" else { continue }
      for command in [[path, "texts"], ["capture", path, "--text", "x"], ["bench", path]] {
        try expect(command, 65, "\(path): \(message)")
      }
    }
    try expect(
      ["tokenize", Executable.sample + "/config.json"], 65,
      Executable.sample
        + "/config.json: not a tokenizer but a part of a model's folder: name that folder")
    try expect(
      ["tokenize", "results/a/result.json"], 65,
      "results/a/result.json: results of analyze, which figure and table read, not a tokenizer: name "
        + "the model's folder")
    for model in [Executable.sample, Executable.sample + "/model.safetensors"] {
      for text in [Executable.corpus, "texts"] {
        try expect(
          [text, model], 64,
          "'\(text)' is no model and '\(model)' is: MODEL comes first, then CORPUS"
        )
      }
    }
  }

  @Test func inPlaceOfATextOrACommand() throws {
    try makeThings()
    let model = Executable.sample + "/model.safetensors"
    for (path, what) in [
      (model, "a safetensors file"), ("p.png", "a PNG image"),
      ("results/a/result.json", "results of analyze, which figure and table read"),
      ("cap/capture.npz", "a capture, which figure draws"),
    ] {
      for command in [
        [Executable.sample, path], ["tokenize", Executable.sample, path],
        ["capture", Executable.sample, "--file", path],
      ] {
        try expect(command, 65, "\(path): \(what), not a text: name text files")
      }
    }
    for (path, what) in [
      ("results/a", "results of analyze, which figure and table read"),
      ("cap", "a capture, which figure draws"),
    ] {
      try expect([Executable.sample, path], 65, "\(path): \(what), not a text: name text files")
    }
    _ = try workplace.write("lfs.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    try expect(
      [Executable.sample, "lfs.txt"], 65,
      "lfs.txt: a Git LFS pointer, not the text: fetch it with \"git lfs pull\"")
    try expect(
      ["help", "nope"], 64,
      "no command is called 'nope'; commands are analyze, capture, compare, evaluate lm, "
        + "evaluate passkey, evaluate needle, evaluate longbench, evaluate ruler, generate, "
        + "inspect, tokenize, plan, figure, table, bench")
    try expect(["help", "tabel"], 64, "no command is called 'tabel'; did you mean 'table'?")
    try expect(["help", "table", "x"], 64, "help does not expect 'x'; see 'alr-analyze --help'")
    for arguments in [["help"], ["help", "--help"]] {
      #expect(try run(arguments).output == run(["--help"]).output)
    }
    #expect(try run(["help", "table"]).output == run(["table", "--help"]).output)
  }

  @Test func lengthsThatFitTheCorpusFitTheModel() throws {
    let outcome = try run([Executable.sample, Executable.corpus, "--chunk-length", "300000"])
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors.contains("one chunk needs 300000; --chunk-length 2047 would fit\n"),
      "\(outcome.errors)")
    let words = try workplace.write("words.txt", String(repeating: "word ", count: 200))
    let short = try run([Executable.sample, words])
    let hint = try #require(short.errors.firstMatch(of: /--chunk-length ([0-9]+) would fit/))
    let again = try run(
      [Executable.sample, words, "--chunk-length", String(hint.1), "--quiet", "--out", "r"])
    #expect(again.exitCode == 0, "\(again.errors)")
  }
}
