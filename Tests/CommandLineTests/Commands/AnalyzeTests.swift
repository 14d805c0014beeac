import AttentionAnalysis
import Foundation
import ModelFiles
import Results
import TestSupport
import Testing
import Tokenization

/// `analyze` as users run it: the built tool, the sample model, real files.
@Suite struct AnalyzeTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  /// One clear line on standard error, nothing on standard output, no results.
  private func expectFailure(
    _ outcome: Executable.Outcome, _ code: Int32, containing text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(outcome.exitCode == code, sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(outcome.errors.hasPrefix("alr-analyze: "), sourceLocation: sourceLocation)
    #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
    #expect(
      !FileManager.default.fileExists(atPath: workplace.path + "/alr-results"),
      sourceLocation: sourceLocation)
  }

  @Test func writesTablesAndTheResultsFolder() throws {
    let outcome = try run(
      Executable.sample, Executable.corpus, "--chunk-length", "64",
      "--max-chunks", "3")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix("sample"))
    #expect(
      outcome.output.contains("\nProtocol: query next, key-norm, BOS in every chunk, f32 on "))
    #expect(outcome.output.hasSuffix("Results: alr-results/sample (open report.html there)\n"))
    let result = try ResultsFolder(workplace.path + "/alr-results/sample").read()
    #expect(result.corpus.name == "corpus.txt" && result.corpus.chunks == 3)
    #expect(result.corpus.chunkLength == 64)
    // The sample's tokenizer puts a BOS in front, which is none of the corpus's own ids.
    #expect(result.corpus.bos && result.corpus.tokens == 3 * 64)
    let tokenizer = try Tokenizer.load(directory: Executable.sample)
    let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Executable.corpus)))
    var digest = SHA256()
    for id in tokenizer.encode(text).prefix(3 * 64) {
      withUnsafeBytes(of: id.littleEndian) { digest.update($0) }
    }
    #expect(result.corpus.fingerprint == digest.finalize())
    #expect(result.protocolSummary.query == "next")
    #expect(result.heads.count == result.model.layers * result.model.heads)
    #expect(result.heads.allSatisfy { ($0.measures.alr ?? -1) >= 0 })
    #expect(try workplace.entries() == ["alr-results"])
    let files = try FileManager.default.contentsOfDirectory(
      atPath: workplace.path + "/alr-results/sample")
    #expect(files.contains("report.html") && files.contains("figures"))
  }

  @Test func threadsAndBatchesDoNotChangeABit() throws {
    for (name, options) in [
      ("one", ["--threads", "1"]), ("three", ["--threads", "3", "--memory", "1K"]),
    ] {
      let outcome = try Executable.run(
        [
          Executable.sample, Executable.corpus, "--chunk-length", "48", "--max-chunks", "10",
          "--query", "last:3", "--out", name, "--quiet",
        ] + options,
        in: workplace.path)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    for name in ["result.json", "arrays.npz", "heads.csv", "kv_heads.csv", "layers.csv"] {
      #expect(try workplace.bytes("one/\(name)") == workplace.bytes("three/\(name)"))
    }
  }

  @Test func readsBackTheIDsThatTokenizePrints() throws {
    let printed = try run("tokenize", Executable.sample, Executable.corpus)
    try Data(printed.output.utf8).write(to: URL(fileURLWithPath: workplace.path + "/corpus.txt"))
    let options = ["--chunk-length", "48", "--max-chunks", "2", "--quiet", "--out"]
    for (name, corpus) in [("text", [Executable.corpus]), ("ids", ["corpus.txt", "--ids"])] {
      let outcome = try Executable.run(
        [Executable.sample] + corpus + options + [name], in: workplace.path)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    for name in ["result.json", "arrays.npz"] {
      #expect(try workplace.bytes("ids/\(name)") == workplace.bytes("text/\(name)"))
    }
    try Data("1 2\n3 4000000".utf8).write(
      to: URL(fileURLWithPath: workplace.path + "/bad.ids"))
    try expectFailure(
      run(Executable.sample, "bad.ids", "--ids"), 65,
      containing: "bad.ids, line 2, column 3: token id 4000000 is outside")
  }

  @Test(arguments: [
    (["--query", "last:49"], "--query is K at most the chunk's 48 positions, not 'last:49'"),
    (
      ["--query", "all", "--chunk-length", "31"],
      "--query is other than all for chunks of fewer than 32 positions, not 'all'"
    ),
  ])
  func chunksWithoutTheRowsAskedForAreRefused(options: [String], message: String) throws {
    let chunkLength = options.contains("--chunk-length") ? [] : ["--chunk-length", "48"]
    try expectFailure(
      Executable.run(
        [Executable.sample, Executable.corpus] + options + chunkLength, in: workplace.path),
      64, containing: message)
  }

  @Test func refusalsOfAModelNameItsFile() throws {
    let path = workplace.path + "/m"
    try FileManager.default.copyItem(atPath: Executable.sample, toPath: path)
    let configuration = try String(contentsOfFile: path + "/config.json", encoding: .utf8)
    for (old, new, message) in [
      ("\"llama\"", "\"mamba\"", "'mamba' has layers that cache a state instead of keys"),
      ("\"silu\"", "\"relu2\"", "'hidden_act' of the configuration is 'relu2'"),
    ] {
      try configuration.replacingOccurrences(of: old, with: new).write(
        toFile: path + "/config.json", atomically: true, encoding: .utf8)
      for command in ["analyze", "inspect"] {
        let corpus = command == "analyze" ? [Executable.corpus] : []
        let outcome = try Executable.run([command, "m"] + corpus, in: workplace.path)
        #expect(outcome.exitCode == 65)
        #expect(
          outcome.errors.hasPrefix("alr-analyze: m/config.json: \(message)"), "\(outcome.errors)")
      }
    }
  }

  @Test func foldersOfSomethingElseAreLeftAlone() throws {
    let path = workplace.path + "/m"
    try FileManager.default.copyItem(atPath: Executable.sample, toPath: path)
    let options = [
      "m", Executable.corpus, "--chunk-length", "48", "--max-chunks", "2", "--quiet", "--out", "m",
    ]
    let before = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    let refused = try Executable.run(options, in: workplace.path)
    #expect(refused.exitCode == 73)
    #expect(refused.errors.contains("m: holds no results but other files, such as config.json"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == before)
    #expect(try Executable.run(options + ["--force"], in: workplace.path).exitCode == 0)
    // From now on it is this run's folder.
    #expect(try Executable.run(options, in: workplace.path).exitCode == 0)
  }

  @Test func preIsForGGUF() throws {
    let outcome = try run(
      Executable.sample, Executable.corpus, "--chunk-length", "48", "--max-chunks", "2", "--quiet",
      "--pre", "llama-bpe")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("warning: --pre is for GGUF files"))
  }

  @Test func anotherRotationIsAnotherRun() throws {
    let options = [
      Executable.sample, Executable.corpus, "--chunk-length", "48", "--max-chunks", "2", "--quiet",
    ]
    let plain = try Executable.run(options, in: workplace.path)
    #expect(plain.exitCode == 0)
    let refused = try Executable.run(options + ["--rope", "linear:4"], in: workplace.path)
    #expect(refused.exitCode == 73)
    #expect(refused.errors.contains("(rotation as the checkpoint says, not linear:4)"))
    let outcome = try Executable.run(
      options + ["--rope", "linear:4.0", "--out", "stretched"], in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(", RoPE linear:4, f32 on "))
    let first = try ResultsFolder(workplace.path + "/alr-results/sample").read()
    let second = try ResultsFolder(workplace.path + "/stretched").read()
    #expect(first.protocolSummary.rope == nil && second.protocolSummary.rope == "linear:4")
    // Norms of the first layer are taken before the rotation; what it attends to is not.
    let norms = first.arrays[.keyNormMean]
    let count = norms.values.count / norms.shape[0]
    #expect(norms.values.prefix(count) == second.arrays[.keyNormMean].values.prefix(count))
    #expect(first.arrays[.alr] != second.arrays[.alr])
    #expect(
      try String(contentsOfFile: workplace.path + "/stretched/report.html", encoding: .utf8)
        .contains("<dt>RoPE</dt><dd>linear:4</dd>"))
  }

  @Test func warnsOfTextThatIsNotUTF8() throws {
    let text = Data((0..<200).flatMap { _ in Array("a few words and \u{FFFD}".utf8) + [0xFF] })
    try text.write(to: URL(fileURLWithPath: workplace.path + "/bad.txt"))
    let outcome = try run(
      Executable.sample, "bad.txt", "--chunk-length", "32", "--max-chunks", "2")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.hasPrefix("alr-analyze: warning: "))
    #expect(outcome.errors.contains("not UTF-8"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func warnsOfASingleChunk() throws {
    let outcome = try run(
      Executable.sample, Executable.corpus, "--chunk-length", "32", "--max-chunks", "1")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.hasPrefix("alr-analyze: warning: one chunk does not show"))
    #expect(outcome.output.contains("Cannot tell yet for any layer: measure more chunks."))
    #expect(!outcome.output.contains(" skip\n") && !outcome.output.contains(" compress\n"))
  }

  @Test func printsTheResultAsJSON() throws {
    let outcome = try run(
      Executable.sample, Executable.corpus, "--chunk-length=40", "--max-chunks=1", "--json",
      "--query=all:4", "--out=r")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(Data(outcome.output.utf8) == (try workplace.bytes("r/result.json")))
  }

  @Test func refusesToOverwriteAnotherRun() throws {
    let options = ["--chunk-length", "32", "--max-chunks", "2", "--out", "r", "--quiet"]
    let first = try Executable.run(
      [Executable.sample, Executable.corpus] + options, in: workplace.path)
    #expect(first.exitCode == 0, "\(first.errors)")
    let before = try workplace.bytes("r/result.json")
    let other = try Executable.run(
      [Executable.sample, Executable.corpus, "--query", "greedy"] + options, in: workplace.path)
    try expectFailure(other, 73, containing: "different run (query next, not greedy); --force")
    #expect(try workplace.bytes("r/result.json") == before)
    let forced = try Executable.run(
      [Executable.sample, Executable.corpus, "--query", "greedy", "--force"] + options,
      in: workplace.path)
    #expect(forced.exitCode == 0, "\(forced.errors)")
    #expect(try workplace.bytes("r/result.json") != before)
  }

  @Test func missingInputsAre66() throws {
    try expectFailure(
      run("no/such/model", Executable.corpus), 66, containing: "no/such/model")
    try expectFailure(
      run(Executable.sample, "no-such-corpus.txt"), 66,
      containing: "no-such-corpus.txt: no such file")
  }

  @Test func badInputsAre65() throws {
    let weights = try workplace.write("model.safetensors", "not a model")
    try expectFailure(run(weights, Executable.corpus), 65, containing: "model.safetensors")
    let short = try workplace.write("short.txt", "Only a few words.")
    try expectFailure(
      run(Executable.sample, short), 65, containing: "one chunk needs 1024; --chunk-length ")
    try expectFailure(
      run(Executable.sample, Executable.sample + "/model.safetensors"), 65,
      containing: "model.safetensors: a safetensors file, not a text: name text files")
    let empty = workplace.path + "/empty"
    try FileManager.default.createDirectory(
      atPath: empty, withIntermediateDirectories: false)
    try expectFailure(run(Executable.sample, empty), 65, containing: empty)
    try Data([0x61, 0xFF, 0x62]).write(to: URL(fileURLWithPath: workplace.path + "/bad.txt"))
    try expectFailure(
      run(Executable.sample, "bad.txt", "--strict"), 65, containing: "not UTF-8")
  }

  @Test func aModelWithoutConfigurationIsRefused() throws {
    try FileManager.default.createSymbolicLink(
      atPath: workplace.path + "/model.safetensors",
      withDestinationPath: Executable.sample + "/model.safetensors")
    try expectFailure(
      run("model.safetensors", Executable.corpus), 65, containing: "config.json: not found")
  }

  @Test func anOutputThatCannotBeWrittenIs73BeforeAnyWork() throws {
    let file = try workplace.write("file", "in the way")
    try expectFailure(
      run(Executable.sample, Executable.corpus, "--out", file + "/results"), 73,
      containing: "cannot be written")
    #if os(Linux)
      let outcome = try run(
        Executable.sample, Executable.corpus, "--chunk-length", "32", "--max-chunks", "2",
        "--quiet", "--out", "/proc/nope")
      // Without rights over /proc it is refused before, for want of permission.
      let reasons = ["No such file or directory", "no permission"]
      #expect(outcome.exitCode == 73)
      #expect(
        reasons.contains { outcome.errors.hasSuffix("/proc/nope: cannot be written: \($0)\n") },
        "\(outcome.errors)")
    #endif
  }

  @Test func wrongOptionsAre64() throws {
    try expectFailure(
      run(Executable.sample, Executable.corpus, "--querry", "next"), 64,
      containing: "did you mean '--query'?")
    try expectFailure(
      run(Executable.sample, Executable.corpus, "--chunk-length", "20", "--query", "all"), 64,
      containing: "other than all for chunks of fewer than 32 positions")
  }

  @Test func interruptingLeavesNothing() throws {
    // Far more than a second's work.
    let corpora = Array(repeating: Executable.corpus, count: 20)
    let process = try Executable.start(
      [Executable.sample] + corpora + ["--threads", "1", "--out", "r", "--quiet"],
      in: workplace.path)
    Thread.sleep(forTimeInterval: 1)
    process.interrupt()
    let outcome = try Executable.outcome(of: process, in: workplace.path)
    try expectFailure(outcome, 130, containing: "interrupted; nothing was written")
    #expect(try workplace.entries() == [])
  }
}
