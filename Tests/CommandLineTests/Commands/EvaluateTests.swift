import Foundation
import ModelFiles
import Results
import Testing

/// `evaluate` and its folders, as users run it.
@Suite struct EvaluateTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  private static let grid = [
    "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "48", "--max-chunks", "2",
    "--policy", "keep-low", "--policy", "random", "--keep-ratio", "0.5", "--keep-ratio", "0.9",
    "--prune-after", "16", "--skip-layers", "0,1", "--record-kept",
  ]

  @Test func textsGiveTheSameBytesWhateverTheThreads() throws {
    for threads in ["1", "2"] {
      let outcome = try run(Self.grid + ["--quiet", "--threads", threads, "--out", threads])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.errors == "")
    }
    let files = try FileManager.default.subpathsOfDirectory(atPath: workplace.path + "/1").sorted()
    #expect(
      files == [
        "figures", "figures/accuracy.png", "figures/accuracy.svg", "figures/log-perplexity.png",
        "figures/log-perplexity.svg", "kept.npz", "lm.csv", "lm.json", "report.html", "run.json",
        "tokens.npz",
      ])
    for name in files where name.contains(".") && name != "run.json" {
      #expect(try workplace.bytes("1/\(name)") == workplace.bytes("2/\(name)"), "\(name)")
    }
    let evaluation = try EvaluationFolder(workplace.path + "/1").read()
    #expect(
      evaluation.settings.map { "\($0.policy ?? "none") \($0.keepRatio ?? 1)" }
        == ["none 1.0", "keep-low 0.5", "keep-low 0.9", "random 0.5", "random 0.9"])
    #expect(evaluation.cells.map(\.setting) == [0, 1, 2, 3, 4])
    let tokens = try #require(evaluation.tokens)
    #expect(tokens.settings == 5 && tokens.chunks == 2 && tokens.positions == 47)
    // A cell says what its tokens say.
    for cell in evaluation.cells {
      let perplexities = (0..<2).map { chunk in
        exp(tokens.row(\.nll, setting: cell.setting, chunk: chunk).reduce(0, +) / 47)
      }
      let mean = try #require(cell.score("perplexity")?.mean)
      #expect(abs(mean - (perplexities[0] + perplexities[1]) / 2) < 1e-9 * mean)
    }
  }

  @Test func positionsThatStayAreAscending() throws {
    #expect(try run(Self.grid + ["--quiet", "--out", "r"]).exitCode == 0)
    let file = try NPZReader(workplace.path + "/r/kept.npz")
    for setting in 0..<5 {
      for layer in 0..<8 {
        let kept = try file.array("kept_\(setting)_\(layer)", of: Int32.self)
        // All 47, or what is left of a head that is cut to a half, or to nine tenths, from 16 on.
        let whole = setting == 0 || layer < 2
        let count = whole ? 47 : Self.held(ratio: setting % 2 == 1 ? 0.5 : 0.9)
        #expect(kept.shape == [2, 2, count], "setting \(setting), layer \(layer)")
        for head in stride(from: 0, to: kept.values.count, by: count) {
          let row = Array(kept.values[head..<head + count])
          #expect(row == Array(Set(row)).sorted() && row.allSatisfy { (0..<47).contains($0) })
        }
      }
    }
  }

  /// Positions of 47 that are held when those from 16 on are cut after every token.
  private static func held(ratio: Double) -> Int {
    (0..<47).reduce(0) { count, _ in
      count + 1 < 16 ? count + 1 : Int((ratio * Double(count + 1)).rounded(.up))
    }
  }

  @Test func everyValueOfARepeatedOptionIsRepeated() throws {
    let told = try run(Self.grid + ["--max-cache", "9", "--print-command"])
    #expect(told.exitCode == 64, "a cache's size and --prune-after say the same")
    let outcome = try run(Self.grid + ["--skip-layers", "none", "--print-command"])
    #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
    for part in [
      " --length 48 ", " --policy keep-low --policy random ", " --keep-ratio 0.5 --keep-ratio 0.9 ",
      " --skip-layers 0,1 --skip-layers none ", " --prune-after 16 ", " --record-kept",
    ] {
      #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
    }
    #expect(try workplace.entries() == [])
  }

  @Test func answersThatAreThereAreNotAskedForAgain() throws {
    let arguments = [
      "evaluate", "passkey", Executable.sample, "--lengths", "100,150", "--repeats", "1",
      "--keep-ratio", "0.5", "--max-tokens", "3", "--quiet", "--out", "r",
    ]
    let first = try run(arguments)
    #expect(first.exitCode == 0, "\(first.errors)")
    let result = try workplace.bytes("r/passkey.json")
    let journal = try String(decoding: workplace.bytes("r/answers.jsonl"), as: UTF8.self)
    let lines = journal.split(separator: "\n")
    #expect(lines.count == 1 + 2 * 2)

    // An answer that the model would not give shows who was asked.
    let forged = lines[1].replacingOccurrences(of: "\"spoken\":0.0", with: "\"spoken\":1.0")
    #expect(forged != lines[1])
    let changed = ([String(lines[0]), forged] + lines[2...].map(String.init)).joined(
      separator: "\n")
    _ = try workplace.write("r/answers.jsonl", changed + "\n")
    try FileManager.default.removeItem(atPath: workplace.path + "/r/passkey.json")
    #expect(try run(arguments).exitCode == 0)
    #expect(try workplace.bytes("r/answers.jsonl") == Data((changed + "\n").utf8))
    let evaluation = try EvaluationFolder(workplace.path + "/r").read()
    #expect(evaluation.cells[0].score("spoken")?.mean == 1)

    // One that is missing is asked for, and the others stay.
    _ = try workplace.write("r/answers.jsonl", lines.dropLast().joined(separator: "\n") + "\n")
    #expect(try run(arguments).exitCode == 0)
    #expect(try workplace.bytes("r/answers.jsonl") == Data(journal.utf8))
    #expect(try workplace.bytes("r/passkey.json") == result)

    // What is kept by other rules is another run, whose answers are not taken.
    let other = try run(arguments + ["--first-tokens", "8"])
    #expect(other.exitCode == 73)
    #expect(other.errors.contains("(first_tokens 4, not 8); --force"), "\(other.errors)")
  }
}
