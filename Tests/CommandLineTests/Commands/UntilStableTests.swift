import Foundation
import Results
import Testing

/// `analyze --until-stable`, as users run it.
@Suite struct UntilStableTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(
      [Executable.sample, Executable.corpus, "--chunk-length", "32", "--quiet"] + arguments,
      in: workplace.path)
  }

  private func read(_ folder: String) throws -> AnalysisResult {
    try ResultsFolder(workplace.path + "/" + folder).read()
  }

  private func expectSameBytes(_ one: String, _ other: String) throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: workplace.path + "/" + one)
    for name in files.sorted() where name.contains(".") && name != "run.json" {
      #expect(
        try workplace.bytes("\(one)/\(name)") == workplace.bytes("\(other)/\(name)"), "\(name)")
    }
    #expect(files.contains("result.json") && files.contains("arrays.npz"))
  }

  @Test func itEndsWhereTheAnswersStayWhateverTheBatch() throws {
    let outcome = try run("--until-stable", "0.3", "--out", "a")
    #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
    let result = try read("a")
    let chunks = result.corpus.chunks
    #expect(chunks % 8 == 0 && chunks >= 16)
    #expect(
      outcome.output.contains(
        "\nStable after \(chunks) chunks: the recommendation is that of 8 chunks before"))
    // The same bytes as of a run that is told the number.
    #expect(try run("--max-chunks", "\(chunks)", "--out", "b").exitCode == 0)
    try expectSameBytes("a", "b")
    #expect(
      try run("--until-stable=0.3", "--threads", "1", "--memory", "1K", "--out", "c").exitCode == 0)
    try expectSameBytes("a", "c")

    // By the definition: what fewer chunks say, a check at a time.
    func check(_ count: Int) throws -> (answers: [Answer?], error: Double) {
      let name = "check-\(count)"
      #expect(try run("--max-chunks", "\(count)", "--out", name).exitCode == 0)
      let result = try read(name)
      return (
        result.recommendation.layers.map(\.answer),
        result.layers.compactMap(\.alrRatioSE).max() ?? 9
      )
    }
    let checks = try stride(from: 8, through: chunks, by: 8).map(check)
    let stable = zip(checks, checks.dropFirst()).map { first, second in
      first.answers == second.answers && first.error < 0.3 && second.error < 0.3
    }
    #expect(stable.last == true && !stable.dropLast().contains(true), "\(checks)")
  }

  @Test func whatIsNotStableIsSaid() throws {
    let outcome = try run("--until-stable", "0.001", "--max-chunks", "20", "--out", "a")
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.errors.hasPrefix("alr-analyze: warning: not stable after 20 chunks, --max-chunks: "))
    #expect(outcome.errors.contains("the largest error of a layer's ratio is 0."))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(!outcome.output.contains("Stable"))
    #expect(try run("--max-chunks", "20", "--out", "b").exitCode == 0)
    try expectSameBytes("a", "b")

    // 0.05 where none is given, and what stands behind is the next argument.
    let short = try workplace.write(
      "short.txt", String(repeating: "one two three four ", count: 60))
    let usual = try Executable.run(
      [
        "analyze", "--until-stable", Executable.sample, short, "--chunk-length", "16", "--out", "c",
      ],
      in: workplace.path)
    #expect(usual.exitCode == 0, "\(usual.errors)")
    let count = try read("c").corpus.chunks
    #expect(
      usual.errors.contains("not stable after \(count) chunks, the end of the corpus: "),
      "\(usual.errors)")
    let told = try run("--until-stable", "--print-command")
    #expect(told.output.contains(" --until-stable 0.05 "))
  }

  @Test func whatCannotBeMadeStableIsRefused() throws {
    for (value, words) in [("0", "a number above 0"), ("3", "a number from 0 to 2")] {
      let outcome = try run("--until-stable", value)
      #expect(outcome.exitCode == 64 && outcome.output == "")
      #expect(
        outcome.errors.hasPrefix("alr-analyze: --until-stable is \(words)"), "\(outcome.errors)")
    }
    let piped = try Executable.run(
      [Executable.sample, "-", "--until-stable"], in: workplace.path)
    #expect(piped.exitCode == 65 && piped.output == "")
    #expect(piped.errors.hasPrefix("alr-analyze: standard input: --until-stable reads the corpus"))
    // Results of another number of chunks stay.
    #expect(try run("--max-chunks", "3", "--out", "a").exitCode == 0)
    let before = try workplace.bytes("a/result.json")
    let outcome = try run("--until-stable", "1", "--out", "a")
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: a has results of 3 chunks, which stay"))
    #expect(try workplace.bytes("a/result.json") == before)
    let other = try run("--until-stable", "1", "--query", "last:2", "--out", "a")
    #expect(other.exitCode == 73 && other.errors.contains("query"), "\(other.errors)")
  }
}
