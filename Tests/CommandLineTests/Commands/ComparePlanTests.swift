import Foundation
import ModelFiles
import Results
import Testing

/// `evaluate lm --compare-plan` and `--prune-once`, as users run them.
@Suite struct ComparePlanTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private static let text = [
    "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "48", "--max-chunks", "3",
    "--quiet",
  ]

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(Self.text + arguments, in: workplace.path)
  }

  private func read(_ folder: String) throws -> Evaluation {
    try EvaluationFolder(workplace.path + "/" + folder).read()
  }

  private func plan(
    _ name: String, _ ratios: [Double], score: String = "keep-low", fingerprint: String? = nil
  ) throws {
    let layers = ratios.enumerated().map { #"{"layer": \#($0), "keep_ratio": \#($1)}"# }
    _ = try workplace.write(
      name,
      """
      {"schema": "alr-plan/1", "tool": "t",
       "model": {"name": "M", "fingerprint": "\(try fingerprint ?? modelFingerprint())"},
       "score": "\(score)", "kind": "layer-ratios", "layers": [\(layers.joined(separator: ", "))]}
      """)
  }

  private func modelFingerprint() throws -> String {
    let outcome = try Executable.run(["inspect", Executable.sample, "--json"], in: workplace.path)
    let document = try JSONDocument(parsing: Array(outcome.output.utf8))
    return try #require(document.root["fingerprint"]?.string)
  }

  private static let uneven = [0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.8]

  @Test func aPlanIsSetAgainstItsEqualsInMemory() throws {
    try plan("a.json", Self.uneven)
    try plan("b.json", [Double](repeating: 0.75, count: 8))
    let plans = ["--compare-plan", "a.json", "--compare-plan", "b.json"]
    let outcome = try run(plans + ["--out", "r", "--prune-after", "20"])
    #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
    let evaluation = try read("r")
    #expect(evaluation.protocolFacts.contains(.init(name: "pruning", value: "once")))
    // Of 20: 4 + 6 + 8 + 10 + 10 + 12 + 14 + 16 = 80, ten a head; 40 left to six, 7 each. Then 15.
    #expect(
      evaluation.settings.map { "\($0.keepRatio ?? 0) \($0.skipLayers) \($0.plan != nil)" } == [
        "0.0 [] false", "0.5 [] false", "0.35 [0, 1] false", "0.0 [] true", "0.75 [] false",
        "0.65 [0, 1] false", "0.0 [] true",
      ])
    #expect(evaluation.settings.dropFirst().allSatisfy { $0.pruneAfter == 20 })
    let shares = evaluation.cells.map { $0.score("kept_share")?.mean ?? -1 }
    let expected: [Double] = [1, 0.5, 82.0 / 160, 0.5, 0.75, 118.0 / 160, 0.75]
    #expect(shares == expected)
    // What the cache held in the end says the same.
    for (cell, share) in zip(evaluation.cells, shares) {
      #expect(cell.score("cache_positions")?.mean == 20 * share + 27)
    }
    #expect(
      evaluation.comparisons.map { [$0.setting, $0.against] } == [
        [1, 0], [2, 0], [2, 1], [3, 0], [3, 1], [3, 2], [4, 0], [5, 0], [5, 4], [6, 0], [6, 4],
        [6, 5],
      ])
    // A plan of one share is the same share everywhere.
    let same = try #require(evaluation.comparisons.first { [$0.setting, $0.against] == [6, 4] })
    #expect(same.mean == 0 && same.low == 0 && same.high == 0 && same.perplexityRatio == 1)

    // Once more from the tokens: 47 are predicted, those from 20 on behind the compression.
    let tokens = try #require(evaluation.tokens)
    for comparison in evaluation.comparisons {
      func means(_ setting: Int) -> [Double] {
        (0..<3).map {
          tokens.row(\.nll, setting: setting, chunk: $0).suffix(27).reduce(0, +) / 27
        }
      }
      let differences = zip(means(comparison.setting), means(comparison.against)).map { $0 - $1 }
      let mean = differences.reduce(0, +) / 3
      let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = (squares / 2 / 3).squareRoot()
      // The 97.5 % quantile of two degrees.
      let half: Double = 4.302652729749 * error
      let expected: [Double] = [mean, error, mean - half, mean + half]
      let found = [comparison.mean, comparison.error, comparison.low, comparison.high]
      for (found, expected) in zip(found, expected) {
        #expect(abs(try #require(found) - expected) < 1e-9)
      }
      for chunk in 0..<3 {
        #expect(
          tokens.row(\.nll, setting: comparison.setting, chunk: chunk).prefix(20)
            == tokens.row(\.nll, setting: 0, chunk: chunk).prefix(20))
      }
    }
    let table = outcome.output
    for part in [
      "Difference of NLL behind the compression", "against no compression",
      "Positions kept: 50.00 % (keep-low 0.5, skips none), 51.25 %",
    ] {
      #expect(table.contains(part), "\(part): \(table)")
    }
    let csv = try String(decoding: workplace.bytes("r/comparisons.csv"), as: UTF8.self)
    #expect(csv.split(separator: "\r\n").count == 13)
    #expect(csv.contains("\r\n6,\"keep-low, from 20, plan b.json ("))
    let page = try String(decoding: workplace.bytes("r/report.html"), as: UTF8.self)
    #expect(page.contains("<h2 id=\"comparisons-title\">") && page.contains("keeps 51.25 %"))
    #expect(try !workplace.bytes("r/figures/loss-differences.svg").isEmpty)

    // Neither threads nor memory change a bit; an ordinary run takes its files away.
    let again = try run(
      plans + ["--out", "s", "--prune-after", "20", "--threads", "1", "--memory", "1K"])
    #expect(again.exitCode == 0, "\(again.errors)")
    for name in ["lm.json", "tokens.npz", "comparisons.csv", "report.html"] {
      #expect(try workplace.bytes("r/\(name)") == workplace.bytes("s/\(name)"), "\(name)")
    }
    #expect(try run(["--keep-ratio", "0.5", "--out", "s", "--force"]).exitCode == 0)
    let left = try FileManager.default.subpathsOfDirectory(atPath: workplace.path + "/s")
    #expect(!left.contains { $0.contains("compar") || $0.contains("differences") })
    #expect(try read("s").comparisons.isEmpty)
  }

  @Test func aCacheThatIsPrunedOnceGrowsFromThenOn() throws {
    let once = ["--prune-once", "--keep-ratio", "0.25", "--skip-layers", "none", "--record-kept"]
    #expect(try run(once + ["--out", "r"]).exitCode == 0)
    let evaluation = try read("r")
    #expect(evaluation.settings[1].pruneAfter == 24)
    #expect(evaluation.cells.map { $0.score("cache_positions")?.mean } == [47, 6 + 23])
    let tokens = try #require(evaluation.tokens)
    for cell in evaluation.cells {
      let means = (0..<3).map {
        tokens.row(\.nll, setting: cell.setting, chunk: $0).suffix(23).reduce(0, +) / 23
      }
      let mean = try #require(cell.score("nll_after")?.mean)
      #expect(abs(mean - means.reduce(0, +) / 3) < 1e-12)
    }
    // Token by token the same positions stay.
    #expect(try run(once + ["--token-by-token", "--out", "s"]).exitCode == 0)
    for layer in 0..<8 {
      let name = "kept_1_\(layer)"
      let kept = try NPZReader(workplace.path + "/r/kept.npz").array(name, of: Int32.self)
      #expect(kept.shape == [3, 2, 29])
      #expect(
        try NPZReader(workplace.path + "/s/kept.npz").array(name, of: Int32.self).values
          == kept.values)
    }
    let repeated = try run(["--keep-ratio", "0.25", "--out", "t"])
    #expect(repeated.exitCode == 0)
    #expect(try read("t").protocolFacts.contains(.init(name: "pruning", value: "repeated")))
    #expect(try read("t").cells.allSatisfy { $0.score("nll_after") == nil })
  }

  @Test func oneChunkHasNoInterval() throws {
    try plan("a.json", Self.uneven)
    let outcome = try Executable.run(
      [
        "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "24", "--max-chunks",
        "1", "--quiet", "--compare-plan", "a.json", "--out", "r",
      ], in: workplace.path)
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.errors
        == "alr-analyze: warning: one chunk does not show how far a difference may be off: no "
        + "interval is given; measure 30 or more\n")
    for row in try read("r").comparisons {
      #expect(row.mean != nil && row.error == nil && row.low == nil && row.high == nil)
    }
    #expect(!outcome.output.contains("95 % intervals over"))
  }

  @Test func whatCannotBeComparedIsSaid() throws {
    try plan("a.json", Self.uneven)
    try plan("all.json", [Double](repeating: 1, count: 8))
    try plan("other.json", Self.uneven, fingerprint: "x")
    try plan("unheard.json", Self.uneven, score: "unheard")
    try plan("little.json", [Double](repeating: 0.1, count: 8))
    let compare = ["--compare-plan", "a.json"]
    let refusals: [([String], Int32, String)] = [
      (compare + ["--policy", "random"], 64, "--compare-plan and --policy exclude each other"),
      (
        compare + ["--keep-ratio", "0.5"], 64, "--compare-plan and --keep-ratio exclude each other"
      ),
      (compare + ["--plan", "a.json"], 64, "--compare-plan and --plan exclude each other"),
      (compare + ["--token-by-token"], 64, "--compare-plan and --token-by-token exclude"),
      (compare + ["--positions", "true", "--positions", "cache-length"], 64, "--positions is one"),
      (
        compare + ["--prune-after", "47"], 64,
        "--prune-after is from 1 to 46, so that something of --length 48 is read behind, not '47'"
      ),
      (compare + ["--prune-after", "0"], 64, "--prune-after is from 1 to 46"),
      (
        ["--prune-once", "--max-cache", "9"], 64, "--prune-once and --max-cache exclude each other"
      ),
      (["--compare-plan", "other.json"], 65, "other.json: a plan for another model (M)"),
      (["--compare-plan", "unheard.json"], 65, "unheard.json: no policy is called 'unheard'"),
      (
        ["--compare-plan", "all.json"], 65, "all.json: a plan that drops nothing; there is nothing"
      ),
      (["--compare-plan", "none.json"], 66, "none.json: no such file"),
    ]
    for (arguments, code, message) in refusals {
      let outcome = try run(arguments)
      #expect(outcome.exitCode == code && outcome.output == "", "\(arguments)")
      #expect(outcome.errors.hasPrefix("alr-analyze: \(message)"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    let short = try Executable.run(
      ["evaluate", "lm", Executable.sample, Executable.corpus, "--length", "2", "--prune-once"],
      in: workplace.path)
    #expect(
      short.exitCode == 64 && short.errors.contains("--length is a whole number of at least 3"))
    // Two whole layers of eight are more than a tenth.
    let little = try run(["--compare-plan", "little.json", "--out", "r"])
    #expect(little.exitCode == 0)
    #expect(little.errors.contains("so the paper's default is left out"), "\(little.errors)")
    #expect(
      try read("r").comparisons.map { [$0.setting, $0.against] } == [[1, 0], [2, 0], [2, 1]])
  }
}
