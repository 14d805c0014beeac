import Foundation
import Results
import Testing

/// `figure` for evaluations, as users run it.
@Suite struct FigureOfEvaluationTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  /// Two settings of two chunks of 40 tokens, or of two passkeys.
  private func write(_ kind: Evaluation.Kind, to folder: String) throws {
    let settings: [EvaluationSetting] = [
      .uncompressed,
      .init(
        policy: "keep-low", keepRatio: 0.5, maxCache: nil, pruneAfter: 0, skipLayers: [0, 1],
        positions: "true", seed: 0, plan: nil),
    ]
    let hash = String(repeating: "5a", count: 32)
    let isText = kind == .lm
    let score = Evaluation.Score(
      name: isText ? "perplexity" : "accuracy", mean: 0.5, deviation: 0.2, error: 0.1)
    let evaluation = Evaluation(
      kind: kind, tool: "alr-analyze 0.1.0",
      model: ModelSummary(
        name: "M", architecture: "llama", layers: 2, heads: 2, kvHeads: 1, headDim: 4,
        parameters: 100, fingerprint: hash),
      corpus: isText
        ? CorpusSummary(
          name: "c", tokens: 80, chunks: 2, chunkLength: 40, bos: true, fingerprint: hash) : nil,
      protocolFacts: [], settings: settings,
      cells: settings.indices.map { setting in
        Evaluation.Cell(
          setting: setting,
          coordinates: isText ? [] : [.init(name: "length", value: .number(100))], count: 2,
          scores: [score])
      },
      tokens: isText
        ? .init(
          settings: 2, chunks: 2, positions: 40, nll: .init(repeating: 1, count: 160),
          correct: .init(repeating: 1, count: 160)) : nil)
    try EvaluationFolder("\(workplace.path)/\(folder)").write(
      evaluation, runInfo: [:], force: false)
  }

  @Test func drawsWhatTheKindHas() throws {
    try write(.lm, to: "e/lm")
    try write(.passkey, to: "e/passkey")
    let all = try run("figure", "e/lm", "--format", "png", "--pool", "3", "--skip", "0")
    #expect(all.exitCode == 0, "\(all.errors)")
    #expect(
      all.output == "e/lm/figures/log-perplexity.png\ne/lm/figures/accuracy.png\n")
    // The file that names it does as well.
    let one = try run(
      "figure", "e/passkey/passkey.json", "--figure", "accuracy-ratio", "--out", "o")
    #expect(one.exitCode == 0 && one.output == "o/accuracy-ratio.svg\n", "\(one.errors)")
    let pooled = try run("figure", "e/lm", "--figure", "accuracy", "--pool", "4", "--out", "o")
    #expect(pooled.exitCode == 0)
    let svg = try String(decoding: workplace.bytes("o/accuracy.svg"), as: UTF8.self)
    #expect(svg.contains("each point the mean of 4") && svg.contains("the first 30 points"))
  }

  @Test func refusesInOneLine() throws {
    try write(.lm, to: "e/lm")
    for (arguments, code, message) in [
      (
        ["e/lm", "--figure", "needle"], 65,
        "e/lm: holds an evaluation of lm, which needle does not show; log-perplexity, accuracy do"
      ),
      (
        ["e/lm", "--figure", "alr"], 66,
        "e/lm: holds an evaluation but no results, which alr shows; analyze makes them"
      ),
      (
        ["e/lm", "--figure", "attention-map"], 66,
        "e/lm: holds no capture; capture makes one, and so does analyze --capture"
      ),
      (
        ["e"], 65, "e: a folder of results: e/lm; name one of them"
      ),
      (
        ["e/lm/tokens.npz"], 65,
        "e/lm/tokens.npz: a part of the results in e/lm: name that folder, e/lm"
      ),
    ] {
      let outcome = try Executable.run(["figure"] + arguments, in: workplace.path)
      #expect(outcome.exitCode == Int32(code), "\(arguments)")
      #expect(outcome.errors == "alr-analyze: \(message)\n")
    }
    #expect(try run("figure", "e/lm", "--pool", "40").exitCode == 64)
    #expect(try run("figure", "e/lm", "--skip", "-1").exitCode == 64)
    let table = try run("table", "e/lm")
    #expect(
      table.errors
        == "alr-analyze: e/lm: an evaluation, which figure draws, not results; analyze makes those\n"
    )
    // A damaged one is read, and says where it is broken.
    _ = try workplace.write("e/lm/lm.json", "{\"schema\": \"alr-evaluation/1\", \"kind\": \"no\"}")
    let damaged = try run("figure", "e/lm")
    #expect(damaged.exitCode == 65 && damaged.errors.contains("lm.json: 'kind' is not"))
  }
}
