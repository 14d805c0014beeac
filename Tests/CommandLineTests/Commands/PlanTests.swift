import Foundation
import Results
import Testing

/// `plan` as users run it: from a result to a plan that other commands take.
@Suite struct PlanTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: [String]) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  private func measure(_ extra: String...) throws {
    let outcome = try run(
      [
        Executable.sample, Executable.corpus, "--chunk-length", "40", "--max-chunks", "8",
        "--quiet", "--out", "measured",
      ] + extra)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }

  private func plan(_ path: String) throws -> CompressionPlan {
    try CompressionPlan(contentsOf: "\(workplace.path)/\(path)", kvHeads: 2)
  }

  @Test func aPlanIsMadeAndApplied() throws {
    try measure("--output-error")
    let outcome = try run(["plan", "measured", "--save", "50%", "--explain"])
    #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("Plans for sample\n"))
    for rule in ["uniform", "skip-0-1", "head-budgets", "pyramid"] {
      #expect(outcome.output.contains("\n  \(rule) ") || outcome.output.contains("\n* \(rule) "))
    }
    let folder = "\(workplace.path)/measured-plan"
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        == [
          "figures", "frontier.csv", "kvpress.py", "l2_compress.py", "plan.json", "plan.txt",
          "report.html",
        ])
    let found = try plan("measured-plan/plan.json")
    let ratios = found.keepRatios.joined()
    #expect(found.score == "key-norm" && ratios.count == 16)
    #expect(abs(ratios.reduce(0, +) / 16 - 0.5) < 0.001)
    // The frontier is whole.
    let rows = String(decoding: try workplace.bytes("measured-plan/frontier.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(
      rows.count { $0.hasPrefix("uniform,") } == 9 && rows.count { $0.contains(",true,") } == 1)
    // What another command makes of it.
    let generated = try run([
      "generate", Executable.sample, "--prompt", "The tower is in the park", "--raw",
      "--max-tokens", "3", "--plan", "measured-plan/plan.json",
    ])
    #expect(generated.exitCode == 0, "\(generated.errors)")
    // The same again is no other plan; another one is refused.
    #expect(try run(["plan", "measured", "--save", "0.5"]).exitCode == 0)
    let other = try run(["plan", "measured", "--save", "0.4"])
    #expect(other.exitCode == 73 && other.errors.contains("another plan.json"), "\(other.errors)")
    #expect(try run(["plan", "measured", "--save", "0.4", "--force"]).exitCode == 0)
  }

  /// Layers by themselves, and the plan that is made of them.
  @Test func sensitivityIsMeasuredAndPlannedBy() throws {
    try measure()
    let text = [
      "evaluate", "lm", Executable.sample, Executable.corpus, "--length", "48", "--max-chunks",
      "2", "--quiet",
    ]
    let alone = try run(text + ["--layer-by-layer", "--keep-ratio", "0.5", "--out", "alone"])
    #expect(alone.exitCode == 0 && alone.errors == "", "\(alone.errors)")
    #expect(alone.output.contains("Rise of NLL behind the compression"))
    let evaluation = try EvaluationFolder(workplace.path + "/alone").read()
    #expect(
      evaluation.settings.dropFirst().map { $0.loneLayer(of: 8) } == (0..<8).map(Optional.some))
    #expect(evaluation.settings[1].label == "keep-low 0.5, from 24, skips 1-7")
    let outcome = try run(["plan", "measured", "--sensitivity", "alone", "--save", "40%"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("rise") && outcome.output.contains("\n* layer-ratios "))
    // Two chunks say that some layer can spare more than another.
    let ratios = try self.plan("measured-plan/plan.json").keepRatios
    #expect(Set(ratios.joined()).count > 1)
    let plan = String(decoding: try workplace.bytes("measured-plan/plan.json"), as: UTF8.self)
    #expect(plan.contains("\"objective\": \"sensitivity\""))
    // A plan that is called as all are is told apart by its folder.
    let compared = try run(text + ["--compare-plan", "measured-plan/plan.json", "--out", "c"])
    #expect(compared.output.contains("plan measured-plan/plan.json ("), "\(compared.output)")
    #expect(
      try run(["plan", "measured", "--sensitivity", "measured", "--out", "p"]).exitCode == 65)
    #expect(try run(["plan", "measured", "--objective", "sensitivity"]).exitCode == 65)
    for extra in [
      ["--skip-layers", "0"], ["--policy", "random", "--policy", "keep-low"],
      ["--policy", "none"], ["--keep-ratio", "1"],
    ] {
      let refused = try run(text + ["--layer-by-layer"] + extra)
      #expect(refused.exitCode == 64, "\(extra): \(refused.errors)")
      #expect(refused.errors.split(separator: "\n").count == 1)
    }
    #expect(
      try run(["plan", "measured", "--sensitivity", "alone", "--windowed"]).exitCode == 64)
  }

  /// Without a share, plans of the whole frontier.
  @Test func theFrontierHasAPlanForEveryShare() throws {
    try measure("--output-error")
    let outcome = try run(["plan", "measured", "--rule", "uniform", "--out", "all"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    for percent in stride(from: 10, through: 90, by: 10) {
      let ratios = try plan("all/plan-\(percent).json").keepRatios.joined()
      #expect(ratios.count == 16)
      #expect(ratios.allSatisfy { abs($0 - 1 + Double(percent) / 100) < 1e-6 })
    }
    let rows = String(decoding: try workplace.bytes("all/frontier.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(rows[0].hasPrefix("rule,kind,saved,chosen,attention_loss"))
    #expect(rows.count { $0.hasPrefix("uniform,skip,") } == 9)
    #expect(rows.count { $0.contains(",true,") } == 9)
  }

  @Test func whatCannotBeIsOneLine() throws {
    try measure()
    for (arguments, code, message) in [
      (["--save", "0"], Int32(64), "--save is a share between 0 and 1"),
      (["--save", "120%"], 64, "--save is a share between 0 and 1"),
      (["--save", "0.5", "--budget", "10"], 64, "--budget"),
      (["--budget", "40"], 65, "a budget of 40 positions saves nothing"),
      (["--save", "0.99"], 65, "99 % cannot be saved"),
      (["--objective", "output-error"], 65, "measure with analyze --output-error"),
      (["--rule", "best"], 64, "--rule"),
      (["--save", "0.9", "--rule", "skip-0-1"], 65, "skip-0-1 cannot save 90 %"),
    ] {
      let outcome = try run(["plan", "measured"] + arguments)
      #expect(outcome.exitCode == code, "\(arguments): \(outcome.errors)")
      let errors = outcome.errors.split(separator: "\n").filter { !$0.contains("warning: ") }
      #expect(errors.count == 1 && outcome.errors.contains(message), "\(outcome.errors)")
      #expect(outcome.output == "")
    }
    #expect(try run(["plan", "nowhere"]).exitCode == 66)
    _ = try workplace.write("measured/result.json", "{\"schema\": \"alr-result/9\"}")
    let schema = try run(["plan", "measured"])
    #expect(schema.exitCode == 65 && schema.errors.contains("alr-result/9"), "\(schema.errors)")
  }

  @Test func oneChunkSaysWhatCannotBeSaid() throws {
    let measured = try run([
      Executable.sample, Executable.corpus, "--chunk-length", "40", "--max-chunks", "1", "--quiet",
      "--out", "one",
    ])
    #expect(measured.exitCode == 0)
    let outcome = try run(["plan", "one", "--save", "50%", "--explain"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("whether other text says the same, cannot be said"))
    #expect(outcome.output.contains("All chunks are in one fold"))
  }
}
