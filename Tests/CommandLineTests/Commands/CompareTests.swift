import Foundation
import Results
import Testing

/// `compare` as users run it: scores of the sample model, and results of two runs.
@Suite struct CompareTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  private static let job = [
    Executable.sample, Executable.corpus, "--chunk-length", "40", "--max-chunks", "3", "--quiet",
  ]

  private func expectRefusal(
    _ arguments: [String], _ code: Int32, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments)
    #expect(outcome.exitCode == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.hasPrefix("alr-analyze: ") && outcome.errors.contains(message),
      "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
  }

  private func json(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func scoresAreMeasuredInOneRun() throws {
    let scores = ["key-norm", "random", "tova"]
    let outcome = try run(["compare"] + Self.job + scores.flatMap { ["--score", $0] })
    #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
    #expect(outcome.output.contains("\nscore ") && outcome.output.contains("\ntova "))
    #expect(outcome.output.hasSuffix("Results: alr-results/sample-compare\n"))
    let folder = "alr-results/sample-compare"
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(workplace.path)/\(folder)").sorted()
        == ["compare.json", "compare_kv_heads.csv", "compare_layers.csv", "figures", "run.json"])
    let document = try json(workplace.bytes("\(folder)/compare.json"))
    #expect(document["schema"] as? String == "alr-compare/1")
    #expect(document["scores"] as? [String] == scores)
    let layers = try #require(document["layers"] as? [[String: Any]])
    // Each score is what analyze gives by itself.
    for (index, score) in scores.enumerated() {
      let alone = try run(Self.job + ["--score", score, "--out", score])
      #expect(alone.exitCode == 0, "\(alone.errors)")
      let result = try ResultsFolder("\(workplace.path)/\(score)").read()
      for (row, layer) in zip(layers, result.layers) {
        let rows = try #require(row["scores"] as? [[String: Any]])
        #expect(rows[index]["score"] as? String == score)
        // Foundation may read the last digit otherwise.
        for (key, value) in [
          ("alr", layer.alr), ("alr_ratio", layer.alrRatio), ("alr_ratio_se", layer.alrRatioSE),
        ] {
          let found = try #require(rows[index][key] as? Double)
          #expect(abs(found - (value ?? .nan)) < 1e-12)
        }
      }
      #expect(layers.count == result.layers.count)
    }
    let table = String(
      decoding: try workplace.bytes("\(folder)/compare_kv_heads.csv"), as: UTF8.self)
    let lines = table.split(separator: "\r\n")
    #expect(lines[0] == "layer,kv_head,score,alr,alr_se,alr_normalized,alr_ratio,alr_ratio_se,rank")
    #expect(lines.count == 1 + layers.count * 2 * scores.count)
  }

  @Test func equalRunsAreEqualBytesAndOthersAreKept() throws {
    let scores = ["--score", "key-norm", "--score", "lag-kv"]
    let first = try run(["compare"] + Self.job + scores + ["--json", "--threads", "1"])
    #expect(first.exitCode == 0, "\(first.errors)")
    let file = "alr-results/sample-compare/compare.json"
    let bytes = try workplace.bytes(file)
    #expect(Data(first.output.utf8) == bytes)
    let again = try run(["compare"] + Self.job + scores + ["--json", "--threads", "3"])
    #expect(again.exitCode == 0 && again.output == first.output)
    try expectRefusal(
      ["compare"] + Self.job + ["--score", "random"], 73,
      "holds the results of a different run (score key-norm lag-kv, not random); --force")
    #expect(try workplace.bytes(file) == bytes)
    let forced = try run(["compare"] + Self.job + ["--score", "random", "--force"])
    #expect(forced.exitCode == 0)
    #expect(try workplace.bytes(file) != bytes)
  }

  /// Without `--score` those that need no attention.
  @Test func theUsualScoresNeedNoAttention() throws {
    let outcome = try run(["compare"] + Self.job + ["--json"])
    let document = try json(Data(outcome.output.utf8))
    #expect(
      document["scores"] as? [String] == [
        "key-norm", "key-norm-high", "random", "streaming", "value-norm", "key-diff", "lag-kv",
        "leverage",
      ])
    let printed = try run(["compare"] + Self.job + ["--score", "h2o", "--print-command"])
    #expect(printed.output.contains(" compare ") && printed.output.contains(" --score h2o "))
  }

  @Test func twoRunsAreSetSideBySide() throws {
    for (name, options) in [("a", []), ("b", ["--score", "random"]), ("c", ["--bos", "never"])] {
      #expect(try run(Self.job + options + ["--out", name]).exitCode == 0)
    }
    let outcome = try run(["compare", "a", "b/result.json"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "alr-analyze: warning: score differs: key-norm and random\n")
    #expect(outcome.output.contains("Both read the same chunks"))
    #expect(outcome.output.contains("Rank correlation of the KV heads' ratios: "))
    #expect(try workplace.entries() == ["a", "b", "c"])
    let paired = try json(Data(run(["compare", "a", "b", "--json"]).output.utf8))
    #expect(paired["errors"] as? String == "paired" && paired["kind"] as? String == "runs")
    let independent = try json(Data(run(["compare", "a", "c", "--json"]).output.utf8))
    #expect(independent["errors"] as? String == "independent")
    let same = try json(Data(run(["compare", "a", "a", "--json"]).output.utf8))
    #expect(same["kv_heads_spearman"] as? Double == 1)
    let layers = try #require(same["layers"] as? [[String: Any]])
    #expect(layers.allSatisfy { $0["difference"] as? Double == 0 })
  }

  @Test func whatCannotBeComparedIsSaidInOneLine() throws {
    #expect(try run(Self.job + ["--out", "a"]).exitCode == 0)
    _ = try workplace.write("result.json", "{\"schema\": \"alr-result/9\"}")
    for (arguments, code, message) in [
      (
        [Executable.sample, Executable.corpus, "--score", "key-nrom"], 64,
        "not 'key-nrom'; did you mean 'key-norm'?"
      ),
      (["a"], 64, "CORPUS is missing"),
      (["a", "a", "a"], 64, "compare does not expect 'a'"),
      (["a", "a", "--chunk-length", "3"], 64, "--chunk-length has no effect on results"),
      (["a", "nowhere"], 66, "nowhere: "),
      (["a", Executable.corpus], 65, "a text, not results; name a results folder"),
      (["a", "result.json"], 65, "alr-result/9"),
      ([Executable.sample, "a"], 65, "results of analyze"),
      (
        [Executable.sample, Executable.corpus, "--out", "a"], 73, "holds no results but other files"
      ),
    ] as [([String], Int32, String)] {
      try expectRefusal(["compare"] + arguments, code, message)
    }
  }

  /// Attention and keys before their rotation need positions that are those of the text.
  @Test(arguments: ["tova", "leverage"]) func shiftedPositionsAreRefused(policy: String) throws {
    try expectRefusal(
      [
        "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "24", "--max-chunks",
        "2", "--policy", policy, "--keep-ratio", "0.5", "--positions", "cache-length",
      ], 64, "--policy \(policy) and --positions cache-length exclude each other")
  }

  @Test func everyScoreIsAPolicy() throws {
    let scores = [
      "key-norm", "value-norm", "key-diff", "lag-kv", "leverage", "tova", "h2o", "snap-kv",
      "expected-attention",
    ]
    let outcome = try run(
      [
        "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "40", "--max-chunks",
        "2", "--keep-ratio", "0.5", "--prune-after", "30", "--quiet", "--json", "--no-baseline",
      ] + scores.flatMap { ["--policy", $0] })
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let document = try json(Data(outcome.output.utf8))
    let settings = try #require(document["settings"] as? [[String: Any]])
    #expect(settings.compactMap { $0["policy"] as? String } == scores)
    for name in ["snap-kv", "leverage"] {
      let answer = try run(
        [
          "generate", Executable.sample, "--prompt", "The key is", "--policy", name,
          "--keep-ratio", "0.5", "--max-tokens", "3", "--quiet",
        ])
      #expect(answer.exitCode == 0, "\(answer.errors)")
    }
  }
}
