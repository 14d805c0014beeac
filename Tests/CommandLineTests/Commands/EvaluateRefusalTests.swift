import Foundation
import Results
import Testing

/// What `evaluate` and `generate` refuse: one line each, and the exit code of its kind.
@Suite struct EvaluateRefusalTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func expectRefusal(
    _ arguments: [String], _ code: Int32, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Executable.run(arguments, in: workplace.path)
    #expect(outcome.exitCode == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.hasPrefix("alr-analyze: ") && outcome.errors.contains(message),
      "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
  }

  private static let text = [
    "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "24", "--max-chunks", "2",
  ]
  private static let passkey = [
    "evaluate", "passkey", Executable.sample, "--lengths", "100", "--repeats", "1",
  ]
  private static let prompt = ["generate", Executable.sample, "--prompt", "The key"]

  @Test(arguments: [
    (["evaluate"], "evaluate what? one of lm, passkey, needle, longbench, ruler"),
    (
      text + ["--keep-ratio", "0"],
      "--keep-ratio is a share above 0 and at most 1, or exact, not '0'"
    ),
    (text + ["--keep-ratio", "1.5"], "--keep-ratio is a share above 0 and at most 1, or exact"),
    (text + ["--keep-ratio", "nan"], "--keep-ratio is"),
    (text + ["--keep-ratio", "exact"], "--keep-ratio exact"),
    (text + ["--policy", "random"], "--policy needs --keep-ratio or --max-cache or --plan"),
    (passkey + ["--policy", "random"], "--policy needs --keep-ratio or --max-cache or --plan"),
    // Nothing that could be added would make it right.
    (
      passkey + ["--keep-ratio", "exact"],
      "--keep-ratio is a share above 0 and at most 1, not 'exact'"
    ),
    (
      prompt + ["--keep-ratio", "exact"],
      "--keep-ratio is a share above 0 and at most 1, not 'exact'"
    ),
    (prompt + ["--keep-ratio", "0"], "--keep-ratio is a share above 0 and at most 1, not '0'"),
    (
      text + ["--policy", "streaming", "--max-cache", "4"],
      "--max-cache is enough for streaming, which protects 5 positions, not '4'"
    ),
    (
      passkey + ["--policy", "streaming", "--max-cache", "8", "--first-tokens", "8"],
      "--max-cache is enough for streaming, which protects 9 positions, not '8'"
    ),
    (text + ["--keep-ratio", "0.5", "--skip-layers", "0,8"], "--skip-layers is"),
    (text + ["--policy", "keep-lowest"], "--policy is one of keep-low"),
    (["generate", Executable.sample], "generate needs --prompt or --prompt-file"),
  ])
  func wrongOptionsAre64(arguments: [String], message: String) throws {
    try expectRefusal(arguments, 64, message)
    #expect(try workplace.entries() == [])
  }

  @Test func aPlanIsForItsModel() throws {
    func plan(_ layers: Int, score: String = "keep-high") throws -> String {
      let rows = (0..<layers).map { "{\"layer\": \($0), \"keep_ratio\": 0.5}" }
      return try workplace.write(
        "plan.json",
        """
        {"schema": "alr-plan/1", "tool": "t", "model": {"name": "Other", "fingerprint": "x"},
         "score": "\(score)", "kind": "skip", "layers": [\(rows.joined(separator: ","))]}
        """)
    }
    _ = try plan(8)
    let arguments = Self.text + ["--plan", "plan.json", "--out", "r", "--quiet"]
    try expectRefusal(
      arguments, 65,
      "plan.json: a plan for another model (Other); --force applies it all the same")
    let forced = try Executable.run(arguments + ["--force"], in: workplace.path)
    #expect(forced.exitCode == 0, "\(forced.errors)")
    let first = try EvaluationFolder(workplace.path + "/r").read()
    let setting = try #require(first.settings.last)
    #expect(setting.policy == "keep-high" && setting.plan?.hasPrefix("plan.json (") == true)
    // Another plan of the same name is another setting.
    _ = try plan(8, score: "fastgen")
    #expect(try Executable.run(arguments + ["--force"], in: workplace.path).exitCode == 0)
    let second = try EvaluationFolder(workplace.path + "/r").read()
    #expect(second.settings.last?.policy == "fastgen" && second.settings.last?.plan != setting.plan)

    _ = try plan(7)
    try expectRefusal(
      arguments + ["--force"], 65, "plan.json: a plan for 7 layers, and the model has 8")
    _ = try plan(8, score: "unheard")
    try expectRefusal(arguments + ["--force"], 65, "plan.json: no policy is called 'unheard'")
    try expectRefusal(arguments + ["--keep-ratio", "0.5"], 64, "--plan")
    try expectRefusal(Self.text + ["--plan", "none.json"], 66, "none.json: no such file")
  }

  @Test func brokenLinesAndShortHaystacksAre65() throws {
    let record = """
      {"input": "q", "context": "c", "answers": ["a"], "length": 1, "dataset": "qasper", "_id": "1"}
      """
    let broken = try workplace.write("b.jsonl", record + "\n\n" + record.dropLast() + "\n")
    try expectRefusal(
      ["evaluate", "longbench", Executable.sample, broken], 65, "b.jsonl, line 3: ")
    let short = try workplace.write("short.txt", "no sentence ends here")
    try expectRefusal(
      ["evaluate", "needle", Executable.sample, short, "--lengths", "400"], 65,
      "the haystack is shorter than a sentence")
    try expectRefusal(
      ["evaluate", "needle", Executable.sample, "no.txt", "--lengths", "400"], 66, "no.txt")
    #expect(try workplace.entries() == ["b.jsonl", "short.txt"])
  }
}
