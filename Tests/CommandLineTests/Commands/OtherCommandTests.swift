import AttentionAnalysis
import Foundation
import ModelFiles
import Reporting
import Testing
import Tokenization

/// `tokenize`, `figure`, `table` and `bench` as users run them.
@Suite struct OtherCommandTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  @Test func closedStreamsAreNoOtherFiles() throws {
    func run(_ redirection: String, _ arguments: String...) throws -> Executable.Outcome {
      let process = try Executable.start(
        arguments, in: workplace.path, redirection: redirection)
      return try Executable.outcome(of: process, in: workplace.path)
    }
    let input = try run("<&-", "tokenize", Executable.sample)
    #expect(input.exitCode == 65 && input.output == "")
    #expect(input.errors == "alr-analyze: -: cannot be read: Bad file descriptor\n")
    let output = try run(">&-", "inspect", Executable.sample)
    #expect(output.exitCode == 73)
    #expect(
      output.errors == "alr-analyze: cannot write to standard output: Bad file descriptor\n")
    #expect(try run("2>&-", "inspect", Executable.sample, "--pre", "qwen2").exitCode == 0)
  }

  @Test func figureSaysWhatItNeeds() throws {
    try FileManager.default.createDirectory(
      atPath: workplace.path + "/empty", withIntermediateDirectories: true)
    for (path, message) in [
      ("empty", "empty: holds neither results nor a capture; analyze and capture make them"),
      (Executable.sample + "/model.safetensors", "a model, not results: analyze and capture make"),
    ] {
      let outcome = try run("figure", path, "--out", "f")
      #expect([65, 66].contains(outcome.exitCode))
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }

  @Test func benchSaysWhereThereIsNothingToTime() throws {
    for arguments in [
      ["--only", "zzz"], ["--only", "query next"], ["--passes"],
      ["--threads", "9223372036854775807"],
    ] {
      let outcome = try Executable.run(["bench"] + arguments, in: workplace.path)
      #expect(outcome.exitCode == 64, "\(arguments)")
    }
  }

  @Test func tokenizeNeedsNoWeights() throws {
    try FileManager.default.copyItem(
      atPath: Executable.sample + "/tokenizer.json", toPath: workplace.path + "/tokenizer.json")
    let first = try workplace.write("a.txt", "Hello there")
    let second = try workplace.write("b.txt", "")
    let expected = try Tokenizer.load(tokenizerJSON: workplace.path + "/tokenizer.json")
    let ids = expected.encode("Hello there")
    let line = ids.map { "\($0)" }.joined(separator: " ")
    for model in ["tokenizer.json", ".", Executable.sample] {
      let outcome = try run("tokenize", model, first, second)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output == line + "\n\n")
    }
    let pieces = try run("tokenize", "tokenizer.json", "a.txt", "--special", "--pieces")
    #expect(pieces.output.hasPrefix("<|begin|> H"))
    #expect(pieces.output.split(separator: " ").count == ids.count + 1)
    let json = try run("tokenize", "tokenizer.json", "a.txt", "--json")
    let root = try JSONDocument(parsing: Array(json.output.utf8)).root
    #expect(root.elements.first?["ids"]?.elements.map(\.int) == ids.map { Int($0) })
    #expect(try run("tokenize", "tokenizer.json", "missing.txt").exitCode == 66)
    try Data([0x61, 0xFF, 0xC3]).write(to: URL(fileURLWithPath: workplace.path + "/latin.txt"))
    let latin = try run("tokenize", "tokenizer.json", "latin.txt")
    let replaced = expected.encode("a\u{FFFD}\u{FFFD}").map { "\($0)" }.joined(separator: " ")
    #expect(latin.output == replaced + "\n")
    let warning = "2 parts of latin.txt are not UTF-8 and are read as U+FFFD"
    #expect(latin.errors == "alr-analyze: warning: \(warning)\n")
    let folder = try run("tokenize", "tokenizer.json", ".")
    #expect(
      folder.exitCode == 65
        && folder.errors == "alr-analyze: .: a folder, neither a file nor a pipe\n")
    #expect(try run("tokenize", "missing.json", "a.txt").exitCode == 66)
    for model in ["tokenizer.json", ".", Executable.sample] {
      let outcome = try run("tokenize", model, "a.txt", "--pre", "qwen2")
      #expect(outcome.exitCode == 0 && outcome.output == line + "\n")
      #expect(outcome.errors.contains("warning: --pre is for GGUF files"))
    }
  }

  @Test func tokenizeGivesTextBack() throws {
    let text = "Hello there\n\u{1B}[1m naïve 你好 <|begin|>\u{FFFD}!"
    _ = try workplace.write("a.txt", text)
    let model = Executable.sample
    let ids = try run("tokenize", model, "a.txt", "--special").output
    _ = try workplace.write("ids.txt", ids + "\n" + ids.dropLast())
    let decoded = try run("tokenize", model, "ids.txt", "--decode")
    #expect(decoded.exitCode == 0, "\(decoded.errors)")
    #expect(decoded.output == "<|begin|>\(text)\n\n<|begin|>\(text)\n")
    let bare = try run("tokenize", model, "ids.txt", "--decode", "--skip-special")
    let skipped = text.replacingOccurrences(of: "<|begin|>", with: "")
    #expect(bare.output == "\(skipped)\n\n\(skipped)\n")
    let json = try run("tokenize", model, "ids.txt", "--decode", "--json", "--pieces")
    let root = try JSONDocument(parsing: Array(json.output.utf8)).root
    #expect(
      root.elements.map { $0["text"]?.string } == ["<|begin|>" + text, "", "<|begin|>" + text])
    #expect(root.elements[0]["pieces"]?.elements.first?.string == "<|begin|>")
    #expect(root.elements[1]["ids"]?.count == 0)

    _ = try workplace.write("character.txt", "你")
    let bytes = try run("tokenize", model, "character.txt").output.split(separator: " ")
    #expect(bytes.count > 1)
    _ = try workplace.write("part.txt", "\(bytes[0])")
    #expect(try run("tokenize", model, "part.txt", "--decode").output == "\u{FFFD}\n")

    _ = try workplace.write("wrong.txt", "0 1\n0 x")
    let wrong = try run("tokenize", model, "wrong.txt", "--decode")
    #expect(wrong.exitCode == 65)
    #expect(wrong.errors == "alr-analyze: wrong.txt, line 2, column 3: 'x' is no token id\n")
    let both = try run("tokenize", model, "ids.txt", "--decode", "--special")
    #expect(both.exitCode == 64)
    #expect(both.errors == "alr-analyze: --decode and --special exclude each other\n")
    let alone = try run("tokenize", model, "a.txt", "--skip-special")
    #expect(alone.exitCode == 64)
    #expect(alone.errors == "alr-analyze: --skip-special needs --decode\n")
    #expect(try run("tokenize", model, "missing.txt", "--decode").exitCode == 66)
  }

  /// `--open` against openers of the test's own; it does without them too.
  private func figureShows() throws {
    let arguments = ["figure", "r", "--figure", "alr", "--open"]
    let bare = try Executable.run(arguments, in: workplace.path, environment: ["PATH": "/nowhere"])
    #expect(bare.exitCode == 0 && bare.output == "r/figures/alr.svg\n")
    #expect(
      bare.errors.hasPrefix("alr-analyze: warning: r/figures/alr.svg is written but not shown: "))
    for name in ["open", "xdg-open"] {
      let tool = try workplace.write(name, "#!/bin/sh\necho \"$1\" > opened\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
    }
    let shown = try Executable.run(
      arguments, in: workplace.path, environment: ["PATH": workplace.path])
    #expect(shown.exitCode == 0 && shown.errors == "")
    let opened = String(decoding: try workplace.bytes("opened"), as: UTF8.self)
    #expect(opened.hasPrefix("/") && opened.hasSuffix("/r/figures/alr.svg\n"))
  }

  @Test func figureDrawsFromTheFolderAlone() throws {
    let measured = try run(
      Executable.sample, Executable.corpus, "--chunk-length", "16", "--max-chunks", "2", "--out",
      "r", "--quiet")
    #expect(measured.exitCode == 0, "\(measured.errors)")
    let all = try run("figure", "r", "--out", "pictures", "--theme", "dark")
    #expect(all.exitCode == 0, "\(all.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: workplace.path + "/pictures")
    let names = FigureRegistry.all.map { "\($0.name).svg" }
    #expect(files.sorted() == names.sorted())
    #expect(all.output == names.map { "pictures/\($0)\n" }.joined())
    #expect(try workplace.bytes("pictures/alr.svg") != workplace.bytes("r/figures/alr.svg"))
    let one = try run("figure", "r", "--figure", "alr", "--format", "png", "--scale", "1")
    #expect(one.output == "r/figures/alr.png\n")
    #expect(try workplace.bytes("r/figures/alr.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let page = try run("figure", "r/result.json", "--figure", "alr", "--format", "pdf")
    #expect(page.output == "r/figures/alr.pdf\n", "\(page.errors)")
    #expect(try workplace.bytes("r/figures/alr.pdf").starts(with: Array("%PDF-".utf8)))
    #expect(try run("figure", "r", "--scale", "99").errors.contains("from 0.25 to 16, not '99'"))
    #expect(try run("figure", "r", "--heads", "0.4").exitCode == 64)
    #expect(
      try run("figure", "r", "--heads", "0.3,7.0", "--figure", "attention-loss").exitCode == 0)
    for heads in [["--layers", "0,6-7"], ["--heads", "1"], ["--heads", "all", "--layers", "7"]] {
      let drawn = try Executable.run(
        ["figure", "r", "--figure", "scatter", "--out", "."] + heads, in: workplace.path)
      #expect(drawn.exitCode == 0 && drawn.output == "./scatter.svg\n", "\(drawn.errors)")
    }
    for wrong in [["--layers", "8"], ["--heads", "0.1", "--layers", "1"], ["--layers", "3-1"]] {
      #expect(try Executable.run(["figure", "r"] + wrong, in: workplace.path).exitCode == 64)
    }
    try figureShows()
    let table = try run("table", "r", "--rows", "kv-heads", "--layers", "0,7", "--format", "csv")
    #expect(table.exitCode == 0, "\(table.errors)")
    let csv = try String(contentsOfFile: workplace.path + "/r/kv_heads.csv", encoding: .utf8)
    let alr = csv.split(separator: "\r\n")[1].split(separator: ",")[2]
    #expect(table.output.split(separator: "\r\n")[1].hasPrefix("0,0,\(alr),"))
    #expect(table.output.split(separator: "\r\n").count == 5 && table.output.hasSuffix("\r\n"))
    #expect(
      try run("table", "r/result.json").output.hasPrefix("**Layers**: sample · corpus.txt · "))
    #expect(try run("table", "r", "--layers", "8").exitCode == 64)
    #expect(try run("table", "nowhere").exitCode == 66)
    #expect(try run("figure", "r", "--figure", "arl").errors.contains("did you mean 'alr'?"))
    #expect(try run("figure", "r", "--scale", "nan").exitCode == 64)
    #expect(try run("figure", "nowhere").exitCode == 66)
    _ = try workplace.write("r/result.json", "{}")
    #expect(try run("figure", "r").exitCode == 65)
  }
}
